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

/** The router of most cases, serving this again whatever the case before left of its file. */
async function fresh(routes: string, name: string): Promise<void> {
  await rm(shop.router.routesFile, { recursive: true, force: true });
  await writeFile(shop.router.routesFile, routes);
  await shop.movesTo(name);
  await shop.lastReload(1);
}

function reloads(result: string): Promise<number> {
  return shop.router.metric('banyan_config_reloads_total', { result });
}

describe('however it is saved:', () => {
  beforeAll(() => shop.start(shop.before()));

  it('in place', async () => {
    await fresh(shop.before(), 'legacy');
    await writeFile(shop.router.routesFile, shop.after());
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
  });

  it('by rename, again and again', async () => {
    await fresh(shop.before(), 'legacy');
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

  it('half first, the rest 150 ms later: the half is never in force, nor reported', async () => {
    await fresh(shop.after(), 'orders');
    const [applied, rejected] = [await reloads('applied'), await reloads('rejected')];
    const text = shop.after('a new comment, so that it differs');
    await writeFile(shop.router.routesFile, text.slice(0, text.indexOf('fix: /api')));
    const end = performance.now() + 150;
    while (performance.now() < end) expect(await shop.answeredBy()).toBe('orders');
    await writeFile(shop.router.routesFile, text);
    await until(
      () => reloads('applied'),
      (count) => count === applied + 1,
    );
    expect(await reloads('rejected')).toBe(rejected);
    expect(await shop.answeredBy()).toBe('orders');
  });

  it('deleted, then made again', async () => {
    await fresh(shop.before(), 'legacy');
    await rm(shop.router.routesFile);
    await shop.lastReload(0);
    expect(await shop.answeredBy()).toBe('legacy');
    await writeFile(shop.router.routesFile, shop.after());
    expect(await shop.movesTo('orders')).toBeLessThan(1_000);
    await shop.lastReload(1);
  });

  it('and SIGHUP reads it at once, and says so when nothing changed', async () => {
    await fresh(shop.after(), 'orders');
    const unchanged = await reloads('unchanged');
    const logged = shop.router.logs().length;
    process.kill(shop.router.pid, 'SIGHUP');
    await until(
      () => reloads('unchanged'),
      (count) => count === unchanged + 1,
    );
    await until(
      () =>
        shop.router
          .logs()
          .slice(logged)
          .map((line) => line['msg']),
      (messages) => messages.includes('routes unchanged'),
      { what: 'the line in the log' },
    );
    await writeFile(shop.router.routesFile, shop.before('hup'));
    process.kill(shop.router.pid, 'SIGHUP');
    expect(await shop.movesTo('legacy')).toBeLessThan(1_000);
  });
});

describe('in a folder of its own:', () => {
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
});
