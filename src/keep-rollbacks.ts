import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { writeWhole } from './config/write-whole.ts';
import { ROLLBACK_FILE } from './live/rollback-file.ts';
import { type KeeperOptions, RollbackKeeper, type RollbackMemory } from './live/rollback-keeper.ts';
import { rollbackLine } from './live/rollback-news.ts';

/** auto_rollback of a router: said in its log, and kept in its state folder if it has one. */
export function keepRollbacks(
  { stateDir, logger }: { readonly stateDir: string | null; readonly logger: Logger },
  options: Pick<KeeperOptions, 'takeCounts' | 'onChange'>,
): RollbackKeeper {
  return new RollbackKeeper({
    ...options,
    memory: stateDir === null ? null : memoryIn(stateDir),
    onNews: (news) => {
      const { level, fields, message } = rollbackLine(news);
      logger[level](fields, message);
    },
    onTrouble: (message, error) => logger.error({ err: error }, message),
  });
}

function memoryIn(folder: string): RollbackMemory {
  const path = join(folder, ROLLBACK_FILE);
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
