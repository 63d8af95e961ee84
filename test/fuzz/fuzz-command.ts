import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random, seedOf } from '../differential/random.ts';
import { BANYAN_TERMS, BanyanStage } from './banyan-stage.ts';
import { drawFuzzCase } from './draw-fuzz-case.ts';
import { judgePlayed } from './judge-played.ts';
import { playFuzzCase } from './play-fuzz-case.ts';
import { reportFound } from './report-found.ts';
import { addressOf, type FuzzAmount, type FuzzTally, runFuzz } from './run-fuzz.ts';

/** `npm run fuzz -- --seed N --exchanges N [--lanes N] [--most N]`, or `--case N` to play one of a seed. */
export async function fuzzCommand(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { seed: text, exchanges: text, lanes: text, most: text, case: text };
  const { values } = parseArgs({ args: [...args], options });
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  if (values.case !== undefined) return playOne(seed, Number(values.case));
  const amount = { lanes: Number(values.lanes ?? 128), mostFound: Number(values.most ?? 5) };
  return playMany({ seed, exchanges: Number(values.exchanges ?? 100_000), ...amount });
}

/** After so many exchanges the router has all that it keeps; from then on its memory is compared. */
const WARM = 50_000;

async function playMany(amount: FuzzAmount): Promise<number> {
  const stage = await BanyanStage.start();
  const since = performance.now();
  let warm = 0;
  try {
    const onProgress = (tally: FuzzTally): void => {
      if (warm === 0 && tally.exchanges >= WARM) warm = residentMiB(stage.router.pid);
      const seconds = Math.round((performance.now() - since) / 1000);
      const memory = `${residentMiB(stage.router.pid)} MiB`;
      process.stderr.write(
        `${tally.exchanges} exchanges, ${tally.cases} cases, ${tally.found.length} found, ${memory}, ${seconds} s\n`,
      );
    };
    const tally = await runFuzz(stage, BANYAN_TERMS, { ...amount, onProgress });
    const left = await stage.leftovers();
    for (const found of tally.found) console.log(`${reportFound(found, amount.seed)}\n`);
    console.log(
      [
        ...left.slice(0, 20),
        summaryOf(tally, amount.seed),
        `memory: ${warm} MiB after ${WARM} exchanges, ${residentMiB(stage.router.pid)} MiB at the end`,
      ].join('\n'),
    );
    return tally.found.length + left.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

function summaryOf({ cases, exchanges, passed, statuses, found, counts }: FuzzTally, seed: number): string {
  const byStatus = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
  const byRule = [...counts].sort(([, a], [, b]) => b - a).map(([rule, times]) => `  ${times} × ${rule}`);
  return [
    `seed ${seed}: ${exchanges} exchanges in ${cases} cases, ${passed} of them reached the backend; ${found.length} violations`,
    byStatus.join(', '),
    ...byRule,
  ].join('\n');
}

async function playOne(seed: number, index: number): Promise<number> {
  const stage = await BanyanStage.start();
  try {
    const one = drawFuzzCase(new Random(seedOf(seed, index)));
    const played = await playFuzzCase(one, stage, addressOf(index));
    const violation = judgePlayed(played, BANYAN_TERMS);
    console.log(reportFound({ rule: 'none', detail: '', ...violation, index, one }, seed));
    console.log(`The client got, and then ${played.ended}:\n${JSON.stringify(played.bytes.slice(0, 5_000))}`);
    for (const { request, sent, isWhole, ended } of played.records)
      console.log(
        `The backend got ${JSON.stringify({ ...request, isWhole })}\n and said ${JSON.stringify(sent.slice(0, 2_000))}, then ${ended}`,
      );
    console.log((await stage.leftovers()).join('\n'));
    return violation === null ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

function residentMiB(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}
