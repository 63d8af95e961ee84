import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The root of the project. */
export const ROOT = path.resolve(import.meta.dirname, '../..');

/** One file of the sources. */
export interface SourceFile {
  /** From `src/` on, with forward slashes: `match/pick.ts`. */
  readonly name: string;
  readonly text: string;
  /** What it imports of the project, as names from `src/` on; `../package.json` for what lies outside. */
  readonly imports: readonly string[];
}

/** Every file below src/, in the order of their names. */
export function sourceFiles(): readonly SourceFile[] {
  return filesBelow('src', '.ts').map((file) => {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const name = file.slice('src/'.length);
    return { name, text, imports: importsOf(name, text) };
  });
}

/** Files of a folder of the project with this ending, from the root on, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** Types too: an arrow is an arrow. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

function importsOf(name: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, target = '']) =>
    path.posix.normalize(path.posix.join(path.posix.dirname(name), target)),
  );
}

/** The text without its comment lines. */
export function codeOf(file: SourceFile): string {
  return file.text
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .join('\n');
}
