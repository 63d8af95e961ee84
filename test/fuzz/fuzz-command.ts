import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Random, seedOf } from '../differential/random.ts';
import { BANYAN_TERMS, BanyanStage } from './banyan-stage.ts';
import { drawFuzzCase } from './draw-fuzz-case.ts';
import type { FuzzCase } from './fuzz-case.ts';
import { judgePlayed, type Terms, type Violation } from './judge-played.ts';
import { PeerStage } from './peer-stage.ts';
import { playFuzzCase, type Played as Result, type Stage } from './play-fuzz-case.ts';
import { reportFound } from './report-found.ts';
import { addressOf, type Found, type FuzzAmount, type FuzzTally, runFuzz } from './run-fuzz.ts';
import { shrinkFuzzCase } from './shrink-fuzz-case.ts';

/**
 * `npm run fuzz -- --seed N --exchanges N [--lanes N] [--most N]`; `--case N` plays one of a seed, `--shrink` makes it
 * smaller first; `--peer nginx|haproxy` plays before another proxy; `--tls` through TLS.
 */
export async function fuzzCommand(args: readonly string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const options = { seed: text, exchanges: text, lanes: text, most: text, case: text, peer: text };
  const flags = { shrink: { type: 'boolean' }, tls: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options: { ...options, ...flags } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const start = starterOf(values.peer, values.tls === true);
  if (values.case !== undefined)
    return playOne(start, { seed, index: Number(values.case), isShrunk: values.shrink === true });
  const amount = { lanes: Number(values.lanes ?? 384), mostFound: Number(values.most ?? 5) };
  return playMany(start, { seed, exchanges: Number(values.exchanges ?? 100_000), ...amount });
}

/** What is played before. */
interface Played extends Stage {
  readonly terms: Terms;
  /** Of the proxy's own memory; null: it is not looked at. */
  readonly memoryMiB: () => number | null;
  leftovers(): Promise<string[]>;
  stop(): Promise<void>;
}

type Start = () => Promise<Played>;

function starterOf(peer: string | undefined, isTls: boolean): Start {
  if (peer === 'nginx' || peer === 'haproxy')
    return async () => Object.assign(await PeerStage.start(peer), { memoryMiB: () => null });
  return async () => {
    const stage = await BanyanStage.start({ isTls });
    return Object.assign(stage, { terms: BANYAN_TERMS, memoryMiB: () => residentMiB(stage.router.pid) });
  };
}

/** After so many exchanges the router has all that it keeps; from then on its memory is compared. */
const WARM = 50_000;

async function playMany(start: Start, amount: FuzzAmount): Promise<number> {
  const stage = await start();
  const since = performance.now();
  let warm: number | null = null;
  try {
    const onProgress = (tally: FuzzTally): void => {
      if (warm === null && tally.exchanges >= WARM) warm = stage.memoryMiB();
      const seconds = Math.round((performance.now() - since) / 1000);
      const { exchanges, cases, found } = tally;
      const memory = stage.memoryMiB();
      const parts = [`${exchanges} exchanges`, `${cases} cases`, `${found.length} found`, `${seconds} s`];
      process.stderr.write(`${[...parts, ...(memory === null ? [] : [`${memory} MiB`])].join(', ')}\n`);
    };
    const onFound = (found: Found): void => console.log(`${reportFound(found, amount.seed)}\n`);
    const tally = await runFuzz(stage, stage.terms, { ...amount, onProgress, onFound });
    const left = await stage.leftovers();
    const memory = `memory: ${warm ?? '–'} MiB after ${WARM} exchanges, ${stage.memoryMiB() ?? '–'} MiB at the end`;
    console.log([...left.slice(0, 20), summaryOf(tally, amount.seed), memory].join('\n'));
    return tally.found.length + left.length === 0 ? 0 : 1;
  } finally {
    await stage.stop();
  }
}

function summaryOf(
  { cases, exchanges, passed, statuses, found, counts, late }: FuzzTally,
  seed: number,
): string {
  const byStatus = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}: ${times}`);
  const byRule = [...counts].sort(([, a], [, b]) => b - a).map(([rule, times]) => `  ${times} × ${rule}`);
  return [
    `seed ${seed}: ${exchanges} exchanges in ${cases} cases, ${passed} of them reached the backend; ${found.length} violations, ${late} too late`,
    byStatus.join(', '),
    ...byRule,
  ].join('\n');
}

interface Wanted {
  readonly seed: number;
  readonly index: number;
  readonly isShrunk: boolean;
}

async function playOne(start: Start, { seed, index, isShrunk }: Wanted): Promise<number> {
  const stage = await start();
  let next = index;
  const play = async (one: FuzzCase): Promise<{ played: Result; violation: Violation | null }> => {
    const played = await playFuzzCase(one, stage, addressOf(next++));
    return { played, violation: judgePlayed(played, stage.terms) };
  };
  try {
    const drawn = drawFuzzCase(new Random(seedOf(seed, index)));
    const { violation: first } = await play(drawn);
    const isTheSame = async (one: FuzzCase): Promise<boolean> =>
      (await play(one)).violation?.rule === first?.rule;
    const one = isShrunk && first !== null ? await shrinkFuzzCase(drawn, isTheSame) : drawn;
    const { played, violation } = await play(one);
    console.log(reportFound({ rule: 'none', detail: '', cause: '', ...violation, index, one }, seed));
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
