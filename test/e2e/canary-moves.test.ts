import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CanaryShop, whoAnswered } from '../support/canary-shop.ts';
import { get, RawClient } from '../support/raw-client.ts';
import { startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';
import { OPCODE, RawWebSocket } from '../support/websocket.ts';

/** Who is moved, and who is not, when the share, the stage or LEGACY_ONLY change: seen by all who could be clients. */

const ALL_PLACES = Array.from({ length: 10_000 }, (_, place) => place);

describe.each(['wire', 'fastify'])('a canary on the %s front', (front) => {
  let shop: CanaryShop;

  beforeAll(async () => {
    shop = await CanaryShop.open({ share: '10%' }, front);
  });

  afterAll(() => shop.close());

  it('has exactly its share of clients; raised it moves none of them back, and lowered none forward', async () => {
    const atTen = await shop.ofFeature(ALL_PLACES);
    expect(atTen.length).toBe(1_000);
    await shop.edit({ share: '20%' });
    const atTwenty = await shop.ofFeature(ALL_PLACES);
    expect(atTwenty.length).toBe(2_000);
    const inTwenty = new Set(atTwenty);
    expect(atTen.filter((place) => !inTwenty.has(place))).toEqual([]);
    await shop.edit({ share: '5.25%' });
    const lowered = await shop.ofFeature(atTwenty);
    expect(lowered.length).toBe(525);
    expect(lowered.filter((place) => !atTen.includes(place))).toEqual([]);
  }, 120_000);

  it('moves nobody by a reload, and all routes of the feature agree', async () => {
    const some = ALL_PLACES.filter((place) => place % 50 === 0);
    await shop.edit({ share: '50%' });
    const before = await shop.answeredBy(some);
    await shop.edit({ share: '50%', top: ['# another revision', 'debug_headers: true'] });
    expect(await shop.answeredBy(some)).toEqual(before);
    expect(await shop.answeredBy(some, '/api/orders/7')).toEqual(before);
  });

  it('is the same on another router, on the other front', async () => {
    const some = ALL_PLACES.filter((place) => place % 50 === 0);
    await shop.edit({ share: '37.5%' });
    const routes = await readFile(shop.router.routesFile, 'utf8');
    const env = { FRONT: front === 'wire' ? 'fastify' : 'wire' };
    const other = await startRouter(routes, { env });
    expect(await shop.answeredBy(some, '/orders', other.port)).toEqual(await shop.answeredBy(some));
    await other.stop('SIGKILL');
  });

  it('leaves open what was opened, but for legacy_only, which ends it with a goodbye after 5 s', async () => {
    await shop.edit({ share: '10%' });
    const socket = await RawWebSocket.open(shop.router.port, '/orders/ws', ['Cookie: banyan=9999']);
    expect(shop.orders.requests.at(-1)!.target).toBe('/orders/ws');
    await shop.edit({ share: '0%' });
    expect(await socket.echo('still here')).toBe('still here');
    const from = performance.now();
    await shop.edit({ share: '0%', top: ['legacy_only: [orders]'] });
    expect(await socket.echo('for a while')).toBe('for a while');
    const close = await socket.read();
    expect([close.opcode, close.payload.readUInt16BE()]).toEqual([OPCODE.close, 1001]);
    expect(performance.now() - from).toBeGreaterThan(4_500);
    socket.destroy();
  });

  describe('everyone is back on the next request, although cookies remain', () => {
    /** A client of the feature on a connection that stays open, and the others. */
    async function back(move: (shop: CanaryShop) => Promise<void>): Promise<void> {
      await shop.edit({ share: '10%' });
      const clients = (await shop.ofFeature(ALL_PLACES.slice(0, 2_000))).slice(0, 50);
      const client = await RawClient.connect(shop.router.port);
      const next = async () => {
        client.send(get('/orders', [`Cookie: banyan=${clients[0]}`]));
        return whoAnswered(await client.readAnswer());
      };
      expect(await next()).toBe('orders');
      await move(shop);
      expect(await next()).toBe('legacy');
      expect(await shop.ofFeature(clients)).toEqual([]);
      client.destroy();
    }

    it('at 0 %', () => back(() => shop.edit({ share: '0%' })));

    it('in stage legacy', () => back(() => shop.edit({ stage: 'legacy' })));

    it('by legacy_only', () => back(() => shop.edit({ top: ['legacy_only: [orders]'] })));

    it('by LEGACY_ONLY, beside a broken routes.yaml', async () => {
      const file = path.join(path.dirname(shop.router.routesFile), 'LEGACY_ONLY');
      await back(async () => {
        await writeFile(shop.router.routesFile, 'legacy: [broken');
        await until(
          () => shop.router.metric('banyan_config_last_reload_successful'),
          (value) => value === 0,
        );
        const from = performance.now();
        await writeFile(file, '');
        await until(
          () => shop.router.metric('banyan_legacy_only'),
          (value) => value === 1,
        );
        // Within a second by design; a busy machine is late.
        expect(performance.now() - from).toBeLessThan(2_500);
        expect(await shop.router.metric('banyan_feature_share_ratio', { feature: 'orders' })).toBe(0);
      });
      await rm(file);
    });
  });
});
