import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarveOut } from '../support/carve-out.ts';
import { until } from '../support/until.ts';

/** However editors and tools save the file, it is in force within a second. */

let shop: CarveOut;

beforeAll(async () => {
  shop = await CarveOut.open();
});

afterAll(() => shop.close());

describe('however it is saved:', () => {
  it('in place', async () => {
    await shop.start(shop.before());
    await writeFile(shop.router.routesFile, shop.after());
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
  });

  it('by rename, again and again', async () => {
    await shop.start(shop.before());
    for (const [name, text] of [
      ['orders', shop.after()],
      ['legacy', shop.before('x')],
      ['orders', shop.after('y')],
    ] as const) {
      await writeFile(`${shop.router.routesFile}.swp`, text);
      await rename(`${shop.router.routesFile}.swp`, shop.router.routesFile);
      expect(await shop.movesTo(name)).toBeLessThan(1_000);
    }
  });

  it('by a symlink swap, as a ConfigMap is', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-map-'));
    for (const [version, text] of [
      ['..v1', shop.before()],
      ['..v2', shop.after()],
      ['..v3', shop.before('3')],
    ] as const) {
      await mkdir(path.join(folder, version));
      await writeFile(path.join(folder, version, 'routes.yaml'), text);
    }
    await symlink('..v1', path.join(folder, '..data'));
    await symlink('..data/routes.yaml', path.join(folder, 'routes.yaml'));
    await shop.start(shop.before(), { flags: ['--routes', path.join(folder, 'routes.yaml')] });
    for (const [name, version] of [
      ['orders', '..v2'],
      ['legacy', '..v3'],
    ] as const) {
      await symlink(version, path.join(folder, '..next'));
      await rename(path.join(folder, '..next'), path.join(folder, '..data'));
      expect(await shop.movesTo(name)).toBeLessThan(1_000);
    }
    await shop.router.stop();
    await rm(folder, { recursive: true });
  });

  it('half first, the rest 150 ms later: the half is never in force, nor reported', async () => {
    await shop.start(shop.after());
    const text = shop.after('a new comment, so that it differs');
    await writeFile(shop.router.routesFile, text.slice(0, text.indexOf('fix: /api')));
    const end = performance.now() + 150;
    while (performance.now() < end) expect(await shop.answeredBy()).toBe('orders');
    await writeFile(shop.router.routesFile, text);
    await until(
      () => shop.router.metric('banyan_config_reloads_total', { result: 'applied' }),
      (count) => count === 2,
    );
    expect(await shop.router.metric('banyan_config_reloads_total', { result: 'rejected' })).toBe(0);
    expect(await shop.answeredBy()).toBe('orders');
  });

  it('deleted, then made again', async () => {
    await shop.start(shop.before());
    await rm(shop.router.routesFile);
    await shop.lastReload(0);
    expect(await shop.answeredBy()).toBe('legacy');
    await writeFile(shop.router.routesFile, shop.after());
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
    await shop.lastReload(1);
  });

  it('with its folder deleted and made again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'banyan-folder-'));
    const inner = path.join(folder, 'conf');
    const file = path.join(inner, 'routes.yaml');
    await mkdir(inner);
    await writeFile(file, shop.before());
    await shop.start(shop.before(), { flags: ['--routes', file] });
    await rm(inner, { recursive: true });
    await shop.lastReload(0);
    await mkdir(inner);
    await writeFile(file, shop.after());
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
    await shop.router.stop();
    await rm(folder, { recursive: true });
  });

  it('and SIGHUP reads it at once, and says so when nothing changed', async () => {
    await shop.start(shop.after());
    process.kill(shop.router.pid, 'SIGHUP');
    await shop.router.log((line) => line['msg'] === 'routes unchanged');
    expect(await shop.router.metric('banyan_config_reloads_total', { result: 'unchanged' })).toBe(1);
    await writeFile(shop.router.routesFile, shop.before('hup'));
    process.kill(shop.router.pid, 'SIGHUP');
    expect(await shop.movesTo('legacy')).toBeLessThan(1_000);
  });
});
