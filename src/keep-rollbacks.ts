import type { Logger } from 'pino';
import { stateFile } from './config/state-file.ts';
import { ROLLBACK_FILE } from './live/rollback-file.ts';
import { type KeeperOptions, RollbackKeeper } from './live/rollback-keeper.ts';
import { rollbackLine } from './live/rollback-news.ts';

/** auto_rollback of a router: said in its log, and kept in its state folder if it has one. */
export function keepRollbacks(
  { stateDir, logger }: { readonly stateDir: string | null; readonly logger: Logger },
  options: Pick<KeeperOptions, 'takeCounts' | 'onChange'>,
): RollbackKeeper {
  return new RollbackKeeper({
    ...options,
    memory: stateDir === null ? null : stateFile(stateDir, ROLLBACK_FILE),
    onNews: (news) => {
      const { level, fields, message } = rollbackLine(news);
      logger[level](fields, message);
    },
    onTrouble: (message, error) => logger.error({ err: error }, message),
  });
}
