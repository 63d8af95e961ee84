import { describe, expect, it } from 'vitest';
import { judgeWindow } from '../../src/live/judge-window.ts';
import { SideTally } from '../../src/live/side-tally.ts';
import type { AutoRollback } from '../../src/model/route-table.ts';

type Limits = Partial<{ max: number; aboveLegacy: number; maxMs: number; timesLegacy: number }>;

function limitsOf({ max, aboveLegacy, maxMs, timesLegacy }: Limits): AutoRollback {
  return {
    windowMs: 60_000,
    minRequests: 200,
    errors: { max: max ?? null, aboveLegacy: aboveLegacy ?? null },
    p95: { maxMs: maxMs ?? null, timesLegacy: timesLegacy ?? null },
    holdMs: null,
  };
}

function side(requests: number, errors = 0, ms = 20): SideTally {
  const tally = new SideTally(true);
  for (let i = 0; i < requests; i++) tally.count(i < errors, ms);
  return tally;
}

const judge = (own: SideTally, legacy: SideTally, limits: Limits) => {
  const { verdict, why } = judgeWindow({ own, legacy }, limitsOf(limits));
  return { kind: verdict.kind, missing: verdict.missing, why };
};

describe('errors', () => {
  it('too little data says how many are missing, and of which side', () => {
    const silent = { kind: 'too_little_data', why: null };
    expect(judge(side(1, 1), side(1_000), { max: 0.05, aboveLegacy: 0.01 })).toEqual({
      ...silent,
      missing: { side: 'feature', requests: 199 },
    });
    expect(judge(side(1_000, 900), side(40), { aboveLegacy: 0.01 })).toEqual({
      ...silent,
      missing: { side: 'legacy', requests: 160 },
    });
  });

  it('above_legacy decides while legacy has enough, in plain words', () => {
    expect(judge(side(1_500, 75), side(1_500, 2), { max: 0.9, aboveLegacy: 0.01 })).toEqual({
      kind: 'rolled_back',
      missing: null,
      why: "75 of 1500 requests failed (5 %), 2 of legacy's 1500 (0.13 %): surely more than 2.8 % above legacy (above_legacy: 1 %)",
    });
    expect(judge(side(1_500, 100), side(1_500, 98), { max: 0.001, aboveLegacy: 0.01 }).kind).toBe(
      'within_limits',
    );
  });

  it('max decides while legacy has too little, or where nothing is compared', () => {
    const bad = side(1_000, 150);
    const why = '150 of 1000 requests failed (15 %): surely more than 11 % (max: 5 %)';
    expect(judge(bad, side(199, 199), { max: 0.05, aboveLegacy: 0.01 })).toMatchObject({ why });
    expect(judge(bad, side(5_000, 5_000), { max: 0.05 })).toMatchObject({ why });
    expect(judge(side(1_000, 55), side(0), { max: 0.05 }).kind).toBe('within_limits');
  });
});

describe('times', () => {
  it('times_legacy decides while legacy has enough, max otherwise', () => {
    const limits = { maxMs: 800, timesLegacy: 1.5 };
    expect(judge(side(500, 0, 100), side(500, 0, 20), limits).why).toBe(
      "95 % of answers began in 102 ms, legacy's in 21 ms: surely more than 1.5 times legacy's (times_legacy)",
    );
    expect(judge(side(500, 0, 2_000), side(500, 0, 1_900), limits).kind).toBe('within_limits');
    expect(judge(side(500, 0, 2_000), side(100, 0, 1_900), limits).why).toBe(
      '95 % of answers began in 2 s: surely more than 800 ms (max)',
    );
  });

  it('count only what was answered', () => {
    const own = side(199, 0, 2_000);
    for (let i = 0; i < 100; i++) own.count(true, null);
    expect(judge(own, side(0), { maxMs: 800 })).toMatchObject({ missing: { side: 'feature', requests: 1 } });
  });
});

it('one limit that can be judged is enough for a verdict', () => {
  const limits = { max: 0.05, timesLegacy: 1.5 };
  expect(judge(side(500), side(10), limits)).toEqual({ kind: 'within_limits', missing: null, why: null });
  expect(judge(side(500, 400), side(10), limits).kind).toBe('rolled_back');
});
