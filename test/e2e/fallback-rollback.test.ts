import { afterAll, beforeAll, expect, it } from 'vitest';
import { startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';

/**
 * A canary with a fallback whose feature answers 503: no client sees it, and auto_rollback does. From then on nobody is
 * sent to the feature, cookie or not, until its block is edited.
 */

let legacy: RawBackend;
let orders: RawBackend;
let router: RunningRouter;

const routes = (share: string): string => `legacy: ${legacy.url}
features:
  orders:
    url: ${orders.url}
    stage: canary
    canary: { share: ${share} }
    testers: { cookies: { staff: "1" } }
    fallback: true
    breaker: false
    auto_rollback: { window: 4s, min_requests: 50, errors: { max: 5% } }
routes:
  - match: { prefix: /orders }
    to: orders
`;

beforeAll(async () => {
  [legacy, orders] = await Promise.all([startNamed('legacy'), startNamed('orders')]);
  router = await startRouter(routes('50%'));
});
afterAll(async () => {
  await router.stop('SIGKILL');
  await Promise.all([legacy.stop(), orders.stop()]);
});

async function isRolledBack(): Promise<boolean> {
  return (await router.metric('banyan_feature_rolled_back', { feature: 'orders' })) === 1;
}

it('what a fallback hides from clients it does not hide from auto_rollback, and the feature is left alone', async () => {
  orders.use((_, reply) => reply.send(503, ['X-Answered-By: orders']));
  const client = await RawClient.connect(router.port);
  const askAs = async (place: number, lines: readonly string[] = []) => {
    client.send(get('/orders', [`Cookie: banyan=${place}`, ...lines]));
    const answer = await client.readAnswer();
    return { status: answer.status, by: answer.header('x-answered-by') };
  };
  const seen = new Set<string>();
  await until(
    async () => {
      for (let i = 0; i < 40; i++) {
        const { status, by } = await askAs((i * 251) % 10_000);
        seen.add(`${status} ${by}`);
      }
      return isRolledBack();
    },
    (is) => is,
    { withinMs: 15_000, what: 'a rollback' },
  );
  expect([...seen]).toEqual(['200 legacy']);
  expect(orders.requests.length).toBeGreaterThan(50);
  const fallbacks = await router.metric('banyan_fallbacks_total', { route: 'orders', reason: '503' });
  expect(fallbacks).toBe(orders.requests.length);

  const before = orders.requests.length;
  for (let place = 0; place < 10_000; place += 97) await askAs(place);
  client.send(get('/orders', ['Cookie: staff=1']));
  expect((await client.readAnswer()).header('x-answered-by')).toBe('legacy');
  expect(orders.requests.length).toBe(before);

  orders.use((_, reply) => reply.send(200, ['X-Answered-By: orders']));
  await router.edit(routes('51%'));
  const by = new Set<string | undefined>();
  for (let place = 0; place < 10_000; place += 97) by.add((await askAs(place)).by);
  expect([...by].sort()).toEqual(['legacy', 'orders']);
  client.destroy();
});
