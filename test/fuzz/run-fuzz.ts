import { setTimeout as sleep } from 'node:timers/promises';
import { Random, seedOf } from '../differential/random.ts';
import { drawFuzzCase } from './draw-fuzz-case.ts';
import { bytesOf, type FuzzCase } from './fuzz-case.ts';
import { judgePlayed, type Terms, TOO_LATE, type Violation } from './judge-played.ts';
import { LIMIT_MS, type Played, playFuzzCase, type Stage } from './play-fuzz-case.ts';
import { readRequests } from './reference-requests.ts';

/** By then a process that stands on its feet has read what was sent to it. */
const READ_MS = 100;

/** How much is run. */
export interface FuzzAmount {
  readonly seed: number;
  /** Ends when so many requests had an answer. */
  readonly exchanges: number;
  /** Cases under way at a time. */
  readonly lanes: number;
  /** Stops after so many violations. */
  readonly mostFound: number;
  readonly onProgress?: (tally: FuzzTally) => void;
  readonly onFound?: (found: Found) => void;
}

/** A violation, and how to see it again. */
export interface Found extends Violation {
  readonly index: number;
  readonly one: FuzzCase;
}

/** What came of a run. */
export interface FuzzTally {
  cases: number;
  /** Requests, or what was meant to be one, that got an answer. */
  exchanges: number;
  /** Requests that a backend got. */
  passed: number;
  /** Answers by status. */
  readonly statuses: Map<number, number>;
  /** Good answers that came too late for the proxy's time limits: the machine had other things to do. */
  late: number;
  readonly found: Found[];
  /** By rule and cause. */
  readonly counts: Map<string, number>;
}

/** Plays the cases of a seed, one after the other from as many addresses as there are lanes. */
export async function runFuzz(stage: Stage, terms: Terms, amount: FuzzAmount): Promise<FuzzTally> {
  const tally: FuzzTally = {
    ...{ cases: 0, exchanges: 0, passed: 0, late: 0 },
    ...{ statuses: new Map(), found: [], counts: new Map() },
  };
  let next = 0;
  const isEnough = (): boolean =>
    tally.exchanges >= amount.exchanges || tally.found.length >= amount.mostFound;
  const lane = async (): Promise<void> => {
    while (!isEnough()) {
      const index = next++;
      const one = drawFuzzCase(new Random(seedOf(amount.seed, index)));
      const address = addressOf(index);
      const played = await playFuzzCase(one, stage, address);
      const judged = await judgeInTime(played, terms);
      const violation = judged?.rule === TOO_LATE ? null : judged;
      if (judged?.rule === TOO_LATE) tally.late++;
      add(tally, { index, played, violation });
      if (violation !== null) amount.onFound?.(tally.found.at(-1) as Found);
      // Requests of a client that left may still be on their way.
      setTimeout(() => stage.backend.lanes.delete(address), LIMIT_MS).unref();
      if (tally.cases % 1000 === 0) amount.onProgress?.(tally);
    }
  };
  await Promise.all(Array.from({ length: amount.lanes }, lane));
  return tally;
}

/**
 * A client may have its answer before the backend, in this same process, has read the request: bytes that nobody had asked
 * for were taken for it. What looks wrong is looked at again when all has been read; what is wrong stays wrong.
 */
async function judgeInTime(played: Played, terms: Terms): Promise<Violation | null> {
  const judged = judgePlayed(played, terms);
  if (judged === null) return null;
  await sleep(READ_MS);
  return judgePlayed(played, terms);
}

/** Each case has an address of its own: 127.0.0.0/8 is all this machine's. */
export function addressOf(index: number): string {
  const number = index % (200 << 16);
  return `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

function add(tally: FuzzTally, what: { index: number; played: Played; violation: Violation | null }): void {
  const { index, played, violation } = what;
  const statuses = [...played.bytes.matchAll(/(?:^|\n|[^\n]{0,20})HTTP\/1\.1 ([2-5]\d\d) /g)].map((match) =>
    Number(match[1]),
  );
  tally.cases++;
  tally.exchanges += statuses.length;
  tally.passed += played.records.length;
  for (const status of statuses) count(tally.statuses, status);
  if (violation === null) return;
  tally.found.push({ ...violation, index, one: played.one });
  count(tally.counts, `${violation.rule} · ${violation.cause}`);
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** How many of a case's requests the reference can read. */
export function soundRequests(one: FuzzCase): number {
  return readRequests(bytesOf(one)).requests.length;
}
