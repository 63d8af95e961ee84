import { describe, expect, it, test } from 'vitest';
import { MEANT } from '../../src/decide/plan-fallback.ts';
import { type FallbackState, mayFallBack, wordsFor } from '../../src/forward/may-fall-back.ts';
import { FAILURES, type Failure } from '../../src/model/failure.ts';
import { FALLBACK_WORDS, type FallbackWord } from '../../src/model/fallback.ts';

const planOf = (words: readonly FallbackWord[]) => ({
  when: new Map(words.flatMap((word) => MEANT[word].map((meant) => [meant, word] as const))),
  maxBody: 100,
});
const ALL = planOf(FALLBACK_WORDS);

const GET: Omit<FallbackState, 'why'> = {
  hasBegun: false,
  isRepeatable: true,
  bytesRead: 0,
  isReplayable: true,
  hasPlace: true,
};
const POST = { ...GET, isRepeatable: false, bytesRead: 50 };

type Row = [why: Failure | number, get: string, post: string];

/** What each failure and status comes to, for a GET and for a POST whose body is kept. */
const ROWS: readonly Row[] = [
  ['connect_refused', 'connect', 'connect'],
  ['connect_timeout', 'connect', 'connect'],
  ['dns', 'connect', 'connect'],
  ['tls', 'connect', 'connect'],
  ['no_endpoint', 'connect', 'connect'],
  ['breaker_open', 'connect', 'connect'],
  [501, '501', '501'],
  ['reset', 'reset', 'skip method'],
  ['response_timeout', 'timeout', 'skip method'],
  ['idle_timeout', 'timeout', 'skip method'],
  ['bad_response', 'bad_response', 'skip method'],
  [502, '502', 'skip method'],
  [503, '503', 'skip method'],
  [504, '504', 'skip method'],
  [200, 'no', 'no'],
  [404, 'no', 'no'],
  [500, 'no', 'no'],
  [505, 'no', 'no'],
];

function said(state: FallbackState, plan = ALL): string {
  const verdict = mayFallBack(plan, state);
  if (verdict === null) return 'no';
  return 'word' in verdict ? verdict.word : `skip ${verdict.skipped}`;
}

describe('may legacy be asked', () => {
  test.each(ROWS)('%s: GET %s, POST %s', (why, get, post) => {
    expect(said({ ...GET, why })).toBe(get);
    expect(said({ ...POST, why })).toBe(post);
  });

  const meant = new Set(ROWS.map(([why]) => why));
  test.each(FAILURES.filter((failure) => !meant.has(failure)))('%s: never', (why) => {
    expect(said({ ...GET, why })).toBe('no');
    expect(said({ ...POST, why })).toBe('no');
  });

  it.each(FALLBACK_WORDS)('not for %s unless `when` has it', (word) => {
    const others = planOf(FALLBACK_WORDS.filter((other) => other !== word));
    for (const why of MEANT[word]) expect(said({ ...GET, why }, others)).toBe('no');
  });

  test.each<[string, Partial<FallbackState>, string]>([
    ['the answer has begun', { hasBegun: true }, 'skip started'],
    ['a body that was not read', { bytesRead: 0, isReplayable: false }, '501'],
    ['a body that is kept to its last byte', { bytesRead: 100 }, '501'],
    ['one byte too much', { bytesRead: 101 }, 'skip body'],
    ['a body of which some is gone', { bytesRead: 50, isReplayable: false }, 'skip body'],
    ['no place', { hasPlace: false }, 'skip busy'],
    ['begun before all else', { hasBegun: true, hasPlace: false, bytesRead: 101 }, 'skip started'],
    ['the body before the place', { hasPlace: false, bytesRead: 101 }, 'skip body'],
  ])('%s', (_what, state, expected) => {
    expect(said({ ...POST, why: 501, ...state })).toBe(expected);
  });

  it('the method is told before the body', () => {
    expect(said({ ...POST, why: 'reset', bytesRead: 101 })).toBe('skip method');
  });

  it('says which words hold for a method', () => {
    expect(wordsFor(ALL, true)).toEqual(FALLBACK_WORDS);
    expect(wordsFor(ALL, false)).toEqual(['connect', '501']);
    expect(wordsFor(planOf(['503', 'timeout']), false)).toEqual([]);
  });
});
