import { describe, expect, test } from 'vitest';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import { type CopiedRequest, drawCopy, skipOf } from '../../src/decide/draw-copy.ts';
import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';
import type { RoutePlan } from '../../src/decide/route-plan.ts';
import type { Decision, ShadowPlan } from '../../src/model/decision.ts';
import type { HeaderList } from '../../src/model/header-list.ts';
import { type Feature, type RoutePolicy, STAGES } from '../../src/model/route-table.ts';
import type { Shadow } from '../../src/model/shadow-block.ts';
import { tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

const EVERYWHERE: Shadow = { ...DEFAULT_SHADOW, stages: ['shadow', 'canary', 'live'], writes: ['POST'] };
const CANARY: Feature['canary'] = { shareHundredths: 1_000, by: [{ kind: 'place' }] };

function planFor(feature: Partial<Feature>, policy: Partial<RoutePolicy> = {}): RoutePlan {
  const testers = { cookies: [['t', '1'] as const], headers: [] };
  const table = tableOf([{ prefix: '/orders', to: 'orders', policy }], {
    features: { orders: { canary: CANARY, testers, shadow: EVERYWHERE, ...feature } },
  });
  return planAll(table, NEVER_ROLLED_BACK)[0] as RoutePlan;
}

function shadowOf(decision: Decision | undefined): ShadowPlan | null {
  if (decision?.kind !== 'forward') throw new Error('nothing is forwarded');
  return decision.shadow ?? null;
}

describe('copies', () => {
  test('go to the feature in stage shadow, unless a tester is served by it', () => {
    const plan = planFor({ stage: 'shadow' });
    const shadow = shadowOf(plan.decision);
    expect(shadow?.copy).toMatchObject({ side: 'feature', copy: 'shadow', backend: { name: 'orders' } });
    expect(shadow?.copy).toMatchObject({ fallback: null, either: null, shadow: null });
    expect(shadow?.again).toMatchObject({ side: 'legacy', copy: 'noise', backend: { name: 'legacy' } });
    expect(shadowOf(plan.testers?.decision)).toBeNull();
  });

  test('go to legacy in canary and live, of what the feature answers', () => {
    const canary = planFor({ stage: 'canary' });
    expect(shadowOf(canary.canary?.inside.decision)?.copy).toMatchObject({ side: 'legacy', copy: 'shadow' });
    expect(shadowOf(canary.testers?.decision)?.copy).toMatchObject({ side: 'legacy' });
    expect(shadowOf(canary.canary?.outside.decision)).toBeNull();
    expect(shadowOf(canary.canary?.withoutKey.decision)).toBeNull();
    expect(shadowOf(planFor({ stage: 'live' }).decision)?.copy).toMatchObject({ side: 'legacy' });
  });

  test('are made in no other stage, in none that is not named, and not of what was rolled back', () => {
    for (const stage of ['legacy', 'done'] as const) expect(shadowOf(planFor({ stage }).decision)).toBeNull();
    for (const stage of STAGES)
      expect(shadowOf(planFor({ stage, shadow: { ...EVERYWHERE, stages: [] } }).decision)).toBeNull();
    for (const stage of STAGES) expect(shadowOf(planFor({ stage, shadow: null }).decision)).toBeNull();
    for (const stage of ['shadow', 'canary', 'live'] as const)
      expect(shadowOf(planFor({ stage }).rollback?.decision)).toBeNull();
  });

  test('stop with legacy_only', () => {
    const table = tableOf([{ prefix: '/orders', to: 'orders' }], {
      features: { orders: { stage: 'shadow', shadow: EVERYWHERE } },
      legacyOnly: { everything: true },
    });
    expect(shadowOf(planAll(table, NEVER_ROLLED_BACK)[0]?.decision)).toBeNull();
  });

  test('are made of repeatable methods; of writes in stage shadow alone, and legacy is never asked twice for one', () => {
    const shadow = shadowOf(planFor({ stage: 'shadow' }).decision);
    expect([...(shadow?.methods ?? [])]).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST']);
    expect([...(shadow?.repeatable ?? [])]).toEqual(['GET', 'HEAD', 'OPTIONS']);
    for (const decision of [
      planFor({ stage: 'canary' }).canary?.inside.decision,
      planFor({ stage: 'live' }).decision,
    ])
      expect(shadowOf(decision)?.methods).not.toContain('POST');
    const policy = { repeatable: ['GET', 'REPORT'] };
    expect([...(shadowOf(planFor({ stage: 'live' }, policy).decision)?.methods ?? [])]).toEqual([
      'GET',
      'REPORT',
    ]);
  });
});

describe('a request', () => {
  const plan = shadowOf(
    planFor({ stage: 'shadow', shadow: { ...EVERYWHERE, share: 0.2, noise: 0.5, maxBody: 100 } }).decision,
  ) as ShadowPlan;

  test('is drawn with the share of the block, to the point', () => {
    expect(drawCopy(plan, request(), () => 0.2)).toBeNull();
    expect(drawCopy(plan, request(), () => 0.199)).toEqual({ skipped: null, asksAgain: true });
    const all = { ...plan, shadow: { ...plan.shadow, share: 1 } };
    expect(drawCopy(all, request(), () => 0.9999)).not.toBeNull();
    const none = { ...plan, shadow: { ...plan.shadow, share: 0 } };
    expect(drawCopy(none, request(), () => 0)).toBeNull();
  });

  test('asks legacy again with the share of noise, and never for a write', () => {
    expect(drawCopy(plan, request(), drawing(0.1, 0.49))?.asksAgain).toBe(true);
    expect(drawCopy(plan, request(), drawing(0.1, 0.5))?.asksAgain).toBe(false);
    expect(drawCopy(plan, request({ method: 'POST' }), drawing(0.1, 0))).toEqual({
      skipped: null,
      asksAgain: false,
    });
  });

  test.each<[string, ReturnType<typeof skipOf>, CopiedRequest]>([
    ['a plain one', null, request()],
    ['a write that is not named', 'method', request({ method: 'DELETE' })],
    ['an upgrade', 'upgrade', { ...request(), upgrade: 'websocket' }],
    ['a range', 'range', request({ headers: ['Range', 'bytes=0-9'] })],
    ['gRPC', 'stream', request({ method: 'POST', headers: ['Content-Type', 'application/grpc+proto'] })],
    ['a body at the limit', null, request({ method: 'POST', length: 100 })],
    ['a body over the limit', 'too_large', request({ method: 'POST', length: 101 })],
    ['a body of unknown length', null, request({ method: 'POST', length: null })],
  ])('%s: skipped for %s', (_, skipped, given) => {
    expect(skipOf(plan, given)).toBe(skipped);
    expect(drawCopy(plan, given, () => 0)).toMatchObject({ skipped });
  });
});

function request(
  given: { method?: string; headers?: HeaderList; length?: number | null } = {},
): CopiedRequest {
  const { method = 'GET', headers = [], length = 0 } = given;
  return { traits: { ...traitsOf('/orders'), method, headers }, upgrade: null, body: { length } };
}

function drawing(...numbers: number[]): () => number {
  return () => numbers.shift() as number;
}
