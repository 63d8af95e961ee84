import { afterEach, expect, it } from 'vitest';
import type { AnswersToCompare } from '../../src/compare/compare-pair.ts';
import { type CompareLimits, CompareThread } from '../../src/compare/compare-thread.ts';
import type { PairCompared } from '../../src/compare/comparison-tally.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { CompareRules } from '../../src/model/shadow-block.ts';
import { answerOf, jsonAnswer } from './answers.ts';

const threads: CompareThread[] = [];
afterEach(async () => {
  await Promise.all(threads.splice(0).map((thread) => thread.close()));
});

function threadWith(limits: Partial<CompareLimits> = {}): CompareThread {
  const thread = new CompareThread(limits);
  threads.push(thread);
  return thread;
}

function answersOf(
  legacy: unknown,
  own: unknown,
  { again = null, rules = {} }: { again?: unknown; rules?: Partial<CompareRules> } = {},
): AnswersToCompare {
  return {
    legacy: jsonAnswer(legacy),
    own: jsonAnswer(own),
    again: again === null ? null : jsonAnswer(again),
    rules: { ...DEFAULT_SHADOW.compare, ...rules },
  };
}

const comparedBy = (thread: CompareThread, answers: AnswersToCompare): Promise<PairCompared> =>
  new Promise((resolve) => thread.compare(answers, resolve));

it('compares as the process itself does, one pair after the other', async () => {
  const thread = threadWith();
  const all = await Promise.all([
    comparedBy(thread, answersOf({ a: 1 }, { a: 1 })),
    comparedBy(thread, answersOf({ a: 1 }, { a: 2 }, { again: { a: 3 } })),
    comparedBy(thread, answersOf({ a: 1 }, { a: 2 }, { rules: { ignore: ['$.a'] } })),
  ]);
  expect(all.map(({ own }) => own.result)).toEqual(['match', 'mismatch', 'match']);
  expect(all[1]?.noise?.differences).toMatchObject([{ field: '$.a', legacy: '1', feature: '3' }]);
});

it('leaves the bytes that it is given where they are', async () => {
  const block = Buffer.from('junk{"a":1}junk');
  const answer = { ...answerOf(''), body: block.subarray(4, 11) };
  const { own } = await comparedBy(threadWith(), { ...answersOf({ a: 1 }, 0), own: answer });
  expect(own.result).toBe('match');
  expect(block.toString()).toBe('junk{"a":1}junk');
});

it('skips what is too much to wait', async () => {
  const thread = threadWith({ maxWaiting: 1 });
  const all = Promise.all([1, 2, 3, 4].map(() => comparedBy(thread, answersOf(1, 1))));
  expect((await all).map(({ own }) => own.reason)).toEqual([
    null,
    null,
    'too much to compare at a time',
    'too much to compare at a time',
  ]);
  const large = threadWith({ maxWaitingBytes: 100 });
  const { own } = await comparedBy(large, answersOf('x'.repeat(200), 1));
  expect(own).toMatchObject({ result: 'skipped', reason: 'too much to compare at a time' });
});

/** Takes far longer than a test: every value of a long list is held against every other. */
const SLOW = { rules: { ignore: ['$[?count($[?@ > 1]) > 100000]'] } };
const LIST = Array.from({ length: 30_000 }, (_, i) => i);

it('gives up what takes too long, and goes on', async () => {
  const thread = threadWith({ timeoutMs: 2_500 });
  const [slow, next] = await Promise.all([
    comparedBy(thread, answersOf(LIST, [...LIST, 1], SLOW)),
    comparedBy(thread, answersOf(1, 1)),
  ]);
  expect(slow.own).toMatchObject({ result: 'skipped', reason: 'takes too long to compare' });
  expect(next.own.result).toBe('match');
});

it('outlives a thread that fails', async () => {
  const thread = threadWith({ maxHeapMiB: 16, timeoutMs: 20_000 });
  const many = Array.from({ length: 1_500_000 }, () => ({}));
  const [large, next] = await Promise.all([
    comparedBy(thread, answersOf(many, [...many, 1])),
    comparedBy(thread, answersOf(1, 1)),
  ]);
  expect(large.own).toMatchObject({ result: 'skipped', reason: 'could not be compared' });
  expect(next.own.result).toBe('match');
});

it('answers what waits when it is closed', async () => {
  const thread = threadWith();
  const all = Promise.all([1, 2].map(() => comparedBy(thread, answersOf(1, 1))));
  await thread.close();
  expect((await all).map(({ own }) => own.reason)).toEqual(['the router ended', 'the router ended']);
});
