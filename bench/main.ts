/** What `bench/run.mjs` calls: options in, results out, an exit code back. */
import { rmSync } from 'node:fs';
import { buildOfCommit, buildOfWorkTree } from './builds/build-of-tree.ts';
import { CleanUp } from './clean-up.ts';
import { compareBuilds } from './compare-builds.ts';
import { matchCost } from './match-cost.ts';
import { BESIDE, type BenchOptions, optionsFrom, UsageError, usageText } from './options.ts';
import { allPeers } from './peers/all-peers.ts';
import { Progress } from './progress.ts';
import { reportRun } from './report/report-run.ts';
import { runBench } from './run-bench.ts';
import { WORKLOADS } from './workloads.ts';

/** Where the launcher put things. */
export interface Places {
  /** The work tree. */
  readonly root: string;
  /** A temporary folder with the compiled bench in it. */
  readonly folder: string;
}

/** 0; 1 when something went wrong, 2 for wrong usage. Cleans up in any case. */
export async function main(
  args: readonly string[],
  places: Places,
  cleanUp = new CleanUp(),
): Promise<number> {
  cleanUp.onSignals();
  cleanUp.add(() => rmSync(places.folder, { recursive: true, force: true }));
  try {
    const options = optionsFrom(args);
    if (options.help) process.stdout.write(usageText());
    else if (options.compare) await compareBuilds(options, places, cleanUp);
    else await bench(options, places, cleanUp);
    return 0;
  } catch (error) {
    console.error(error instanceof UsageError ? `${error.message}\n\n${usageText()}` : error);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    cleanUp.run();
  }
}

async function bench(options: BenchOptions, places: Places, cleanUp: CleanUp): Promise<void> {
  const place = {
    ...places,
    onEnd: (step: () => void) => cleanUp.add(step),
    say: (text: string) => console.error(text),
  };
  const build = options.at === null ? buildOfWorkTree(place) : buildOfCommit(options.at, place);
  const peers = allPeers(places.root, build).filter(({ id }) => options.peers?.includes(id) ?? true);
  const workloads = WORKLOADS.filter(({ id }) => options.only?.includes(id) ?? true);
  const results = await runBench({
    peers,
    workloads,
    withIdle: options.only?.includes(BESIDE.idle) ?? true,
    withWorkers: options.only?.includes(BESIDE.workers) ?? true,
    matchCost: (options.only?.includes(BESIDE.match) ?? true) ? () => matchCost(places.root) : null,
    rounds: options.rounds,
    slotMs: options.seconds * 1_000,
    mostWarmUpMs: (options.warmUpSeconds ?? Number.POSITIVE_INFINITY) * 1_000,
    folder: places.folder,
    cleanUp,
    progressOf: (total) => new Progress(total),
  });
  await reportRun(results, options, places.root);
}
