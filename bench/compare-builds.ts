/**
 * `npm run bench:quick`: this tree beside the last release, in one run of interleaved rounds. It prints the ratio and
 * judges nothing: on a busy machine two runs of the same build differ too.
 */
import { buildOfCommit, buildOfWorkTree, lastTag } from './builds/build-of-tree.ts';
import type { CleanUp } from './clean-up.ts';
import type { Places } from './main.ts';
import { type BenchOptions, UsageError } from './options.ts';
import { banyan } from './peers/banyan.ts';
import { Progress } from './progress.ts';
import { ratioText, spreadText } from './report/number-text.ts';
import { markdownTable } from './report/tables.ts';
import { runBench } from './run-bench.ts';
import { WORKLOADS } from './workloads.ts';

const NO_TAG =
  'there is no release tag that this commit stems from: name a commit, npm run bench:quick -- --against COMMIT';

/** Prints one line for each workload and front. Rejects with a UsageError when there is nothing to compare with. */
export async function compareBuilds(options: BenchOptions, places: Places, cleanUp: CleanUp): Promise<void> {
  const other = options.against ?? lastTag(places.root);
  if (other === null) throw new UsageError(NO_TAG);
  const place = {
    ...places,
    onEnd: (step: () => void) => cleanUp.add(step),
    say: (text: string) => console.error(text),
  };
  const now = options.at === null ? buildOfWorkTree(place) : buildOfCommit(options.at, place);
  const then = buildOfCommit(other, place);
  const rows: string[][] = [];
  for (const front of frontsOf(options)) {
    const peers = [banyan(now, front), banyan({ ...then, label: other }, front)];
    const { panels } = await runBench({
      peers,
      workloads: WORKLOADS.filter(({ id }) => options.only?.includes(id) ?? true),
      withIdle: false,
      withWorkers: false,
      matchCost: null,
      rounds: options.rounds,
      slotMs: options.seconds * 1_000,
      mostWarmUpMs: (options.warmUpSeconds ?? Number.POSITIVE_INFINITY) * 1_000,
      folder: places.folder,
      cleanUp,
      progressOf: (total) => new Progress(total),
    });
    for (const { workload, rows: own } of panels) {
      const [mine, theirs] = own;
      if (!mine || !theirs) continue;
      const cpu = [mine, theirs].map((row) => spreadText(row.cpuMicroseconds));
      rows.push([`${workload.title}, ${front} front`, ...cpu, ratioText(theirs.referenceOver)]);
    }
  }
  console.log(
    markdownTable(['CPU µs', `this tree, ${now.version}`, `${other}, ${then.version}`, 'this ÷ that'], rows),
  );
}

/** The wire front, unless `--peers` says otherwise. */
function frontsOf({ peers }: BenchOptions): readonly ('wire' | 'fastify')[] {
  const fronts = (['wire', 'fastify'] as const).filter((front) =>
    peers?.includes(front === 'wire' ? 'banyan' : 'banyan-fastify'),
  );
  return fronts.length === 0 ? ['wire'] : fronts;
}
