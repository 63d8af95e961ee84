import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarveOut } from '../support/carve-out.ts';
import { EventStream } from '../support/event-stream.ts';
import { startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';
import { OPCODE, RawWebSocket } from '../support/websocket.ts';

/** When routes.yaml cannot be trusted: the LEGACY_ONLY file beside it, and the last good one in the state folder. */

let shop: CarveOut;

beforeAll(async () => {
  shop = await CarveOut.open();
});

afterAll(() => shop.close());

describe('LEGACY_ONLY, the file', () => {
  it('beside a broken routes.yaml moves traffic at once, and after 5 s ends the feature’s sockets and streams', async () => {
    await shop.start(shop.after());
    const file = path.join(path.dirname(shop.router.routesFile), 'LEGACY_ONLY');
    const [stream, legacyStream] = [
      await EventStream.open(shop.router.port, '/api/orders/events'),
      await EventStream.open(shop.router.port, '/events'),
    ];
    const [socket, legacySocket] = [
      await RawWebSocket.open(shop.router.port, '/api/orders/ws'),
      await RawWebSocket.open(shop.router.port, '/ws'),
    ];
    await writeFile(shop.router.routesFile, 'legacy: [broken');
    await shop.lastReload(0);
    expect(await shop.answeredBy()).toBe('orders');
    await writeFile(file, '\n');
    const from = performance.now();
    expect(await shop.movesTo('legacy')).toBeLessThan(1_000);
    await until(
      () => shop.router.metric('banyan_legacy_only'),
      (value) => value === 1,
    );
    expect(stream.ended).toBe(null);
    expect(await socket.echo('still here')).toBe('still here');

    const close = await socket.read();
    const afterMs = performance.now() - from;
    expect(close.opcode).toBe(OPCODE.close);
    expect(close.payload.readUInt16BE()).toBe(1001);
    expect(afterMs).toBeGreaterThan(4_500);
    expect(afterMs).toBeLessThan(7_000);
    await until(
      () => stream.ended,
      (ended) => ended === 'cut',
    );
    // Legacy's own go on.
    expect(legacyStream.ended).toBe(null);
    expect(await legacySocket.echo('on and on')).toBe('on and on');

    await rm(file);
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
    for (const open of [stream, legacyStream, socket, legacySocket]) open.destroy();
  });

  it('with names holds for these alone; there from the start too', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-only-'));
    const file = path.join(folder, 'routes.yaml');
    await writeFile(
      file,
      `${shop.after()}  - match:\n      prefix: /other\n    to: other\n`.replace(
        'features:\n',
        `features:\n  other: ${shop.orders.url}\n`,
      ),
    );
    await writeFile(path.join(folder, 'LEGACY_ONLY'), '# for the night\norders\n');
    await shop.start('legacy: http://x\n', { flags: ['--routes', file] });
    expect(await shop.answeredBy()).toBe('legacy');
    expect(await shop.answeredBy('/other')).toBe('orders');
    await shop.router.stop();
    await rm(folder, { recursive: true });
  });
});

it('with --state a start with a bad file uses the last good one, loudly; without, it ends with 78', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-state-'));
  const [file, state] = [path.join(folder, 'routes.yaml'), path.join(folder, 'state')];
  await mkdir(state);
  await writeFile(file, shop.after());
  const flags = ['--routes', file, '--state', state];
  await shop.start('unused', { flags });
  await shop.router.stop();
  await writeFile(file, `${(await readFile(file, 'utf8')).replace('to: orders', 'to: nobody')}`);

  await expect(startRouter('unused', { flags: ['--routes', file] })).rejects.toThrow(
    /code 78[\s\S]*unknown feature "nobody"/,
  );

  await shop.start('unused', { flags });
  expect(await shop.answeredBy()).toBe('orders');
  expect(await shop.router.metric('banyan_config_last_reload_successful')).toBe(0);
  expect((await shop.config()).last_reload.result).toBe('rejected');
  await shop.router.log((line) => String(line['msg']).includes('unknown feature "nobody"'));
  await writeFile(file, shop.before('good'));
  await shop.movesTo('legacy');
  await shop.lastReload(1);
  await shop.router.stop();
  await rm(folder, { recursive: true });
});
