import { describe, expect, it } from 'vitest';
import { RecentAnswers } from '../../src/live/recent-answers.ts';

function counted(bad: number, good: number, now = 1_000): RecentAnswers {
  const answers = new RecentAnswers();
  for (let i = 0; i < good; i++) answers.count(false, now);
  for (let i = 0; i < bad; i++) answers.count(true, now);
  return answers;
}

describe('RecentAnswers', () => {
  it.each([
    [19, 0, false],
    [20, 0, true],
    [10, 10, true],
    [9, 11, false],
    [50, 51, false],
    [500, 500, true],
  ])('%i bad and %i good are mostly bad: %s', (bad, good, isMostlyBad) => {
    expect(counted(bad, good).areMostlyBad).toBe(isMostlyBad);
  });

  it('forgets what is ten seconds old', () => {
    const answers = counted(30, 0, 1_500);
    answers.count(false, 10_900);
    expect(answers.areMostlyBad).toBe(true);
    answers.count(false, 11_000);
    expect(answers.areMostlyBad).toBe(false);
  });

  it('forgets second by second, also over a pause', () => {
    const answers = counted(12, 0, 1_000);
    for (let i = 0; i < 12; i++) answers.count(true, 8_000);
    expect(answers.areMostlyBad).toBe(true);
    answers.count(true, 11_100);
    expect(answers.inWords).toBe('13 of the last 13 answers were 502, 503 or 504');
    answers.count(false, 60_000);
    expect(answers.inWords).toBe('0 of the last 1 answers were 502, 503 or 504');
  });

  it('can be emptied', () => {
    const answers = counted(20, 0);
    answers.clear();
    expect(answers.areMostlyBad).toBe(false);
  });
});
