import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateFile } from '../model/state-file.ts';
import { writeWhole } from './write-whole.ts';

/** The file of this name; neither it nor the folder need be there. */
export function stateFile(folder: string, name: string): StateFile {
  const path = join(folder, name);
  return {
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    write: (text) => writeWhole(path, text),
  };
}
