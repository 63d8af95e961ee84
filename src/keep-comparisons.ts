import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Counted } from './compare/shadow-book.ts';
import { SHADOW_FILE } from './compare/shadow-file.ts';
import { ShadowKeeper, type ShadowKeeperOptions, type ShadowMemory } from './compare/shadow-keeper.ts';
import { writeWhole } from './config/write-whole.ts';
import { COMPARISON_RESULTS, type ComparisonResult, type ShadowObserver } from './model/shadow.ts';

/** What is compared by a router: counted in its metrics, said in its log, and kept in its state folder if it has one. */
export function keepComparisons(
  { stateDir, logger }: { readonly stateDir: string | null; readonly logger: Logger },
  {
    takeReports,
    observer,
  }: Pick<ShadowKeeperOptions, 'takeReports'> & { readonly observer: Pick<ShadowObserver, 'compared'> },
): ShadowKeeper {
  return new ShadowKeeper({
    takeReports,
    memory: stateDir === null ? null : memoryIn(stateDir),
    onCounted: (counted) => count(counted, observer),
    onSamples: () => undefined,
    onVerdict: ({ feature, readiness }, words) =>
      logger.info({ feature, verdict: readiness.kind }, `what was compared: ${words}`),
    onTrouble: (message, error) => logger.error({ err: error }, message),
  });
}

function count({ feature, route, counts }: Counted, observer: Pick<ShadowObserver, 'compared'>): void {
  for (const result of COMPARISON_RESULTS) {
    for (let left = counts[COUNT_OF[result]]; left > 0; left--) observer.compared({ feature, route, result });
  }
}

const COUNT_OF: Readonly<Record<ComparisonResult, keyof Counted['counts']>> = {
  match: 'match',
  mismatch: 'mismatch',
  noise: 'noise',
  not_built: 'notBuilt',
  skipped: 'skipped',
  error: 'error',
};

function memoryIn(folder: string): ShadowMemory {
  const path = join(folder, SHADOW_FILE);
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
