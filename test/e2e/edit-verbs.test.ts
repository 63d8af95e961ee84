import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CarveOut } from '../support/carve-out.ts';
import { EventStream } from '../support/event-stream.ts';
import { ask, post } from '../support/raw-client.ts';
import { type Finished, runBanyan } from '../support/run-banyan.ts';
import { until } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';

/** Verbs that edit routes.yaml, run against a router that follows it. */

let shop: CarveOut;

beforeAll(async () => {
  shop = await CarveOut.open();
});
afterAll(() => shop.close());

const ROUTES =
  '# ours\n%legacy%\nfeatures:\n  orders:\n    url: %orders%   # its container\n    stage: legacy\n\nroutes:\n  - match: { prefix: /api/orders }\n    to: orders\n  - name: archive\n    match: { prefix: /api/orders/archive }\n    to: orders\n';

/** Makes each test's file another one, so that it is seen when the router follows it. */
let number = 0;
beforeEach(() => {
  number++;
});

function routes(): string {
  const text = ROUTES.replace('# ours', `# ours, ${number}`);
  return text.replace('%legacy%', `legacy: ${shop.legacy.url}`).replace('%orders%', shop.orders.url);
}

/** A router with that file, all of it legacy's: the one of the test before, where its environment does. */
async function start(text = routes(), env?: Record<string, string>): Promise<void> {
  const holds = isRunning ? await shop.router.metric('banyan_legacy_only') : 0;
  if (env !== undefined || !isRunning || holds > 0) {
    await shop.start(text, { env: env ?? {} });
    isRunning = env === undefined;
    return;
  }
  await shop.router.edit(text);
}

/** A router stands that was started without an environment of its own. */
let isRunning = false;

/** Runs a verb on the router's file. */
function banyan(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  const where = { ROUTES_FILE: shop.router.routesFile, ADMIN_LISTEN: new URL(shop.router.adminUrl).host };
  return runBanyan(args, { env: { ...where, ...env } });
}

const fileText = (): Promise<string> => readFile(shop.router.routesFile, 'utf8');
const legacyOnlyFile = (): string => path.join(path.dirname(shop.router.routesFile), 'LEGACY_ONLY');

describe('set', () => {
  beforeEach(() => start());

  it('moves the word and nothing else, and is in force when it ends', async () => {
    const { code, out, err } = await banyan(['set', 'orders', 'live']);
    expect([code, err]).toEqual([0, '']);
    expect(await shop.answeredBy()).toBe('orders');
    expect(await fileText()).toBe(routes().replace('stage: legacy', 'stage: live'));
    expect(out).toContain('-    stage: legacy\n+    stage: live\n');
    expect(out).toContain('orders: legacy → live.\nIn force: the feature answers.\n');
  });

  it('twice is once', async () => {
    await banyan(['set', 'orders', 'live']);
    const text = await fileText();
    const { code, out } = await banyan(['set', 'orders', 'live']);
    expect([code, out]).toEqual([
      0,
      'orders is live already: the file stays as it is.\nIn force: the feature answers.\n',
    ]);
    expect(await fileText()).toBe(text);
  });

  it('a canary gets its share, and only needs to be told once', async () => {
    expect(await banyan(['set', 'orders', 'canary'])).toEqual({
      code: 2,
      out: '',
      err: 'banyan set: "orders" has no share yet: banyan set orders canary --share 10%\n',
    });
    const first = await banyan(['set', 'orders', 'canary', '--share', '0.5%']);
    expect([first.code, first.out]).toEqual([
      0,
      expect.stringContaining('In force: the feature answers 0.5 % of the clients.'),
    ]);
    expect(await fileText()).toBe(
      routes().replace('stage: legacy\n', 'stage: canary\n    canary:\n      share: 0.5%\n'),
    );
    await banyan(['set', 'orders', 'legacy']);
    expect((await banyan(['set', 'orders', 'canary'])).code).toBe(0);
    const raised = await banyan(['set', 'orders', 'canary', '--share', '100%']);
    expect([raised.code, raised.out]).toEqual([
      0,
      expect.stringContaining('-      share: 0.5%\n+      share: 100%\n'),
    ]);
    expect(await shop.answeredBy()).toBe('orders');
  });

  it('--json says it all, and nothing else is on standard output', async () => {
    const { code, out } = await banyan(['set', 'orders', 'live', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      verb: 'set',
      exit_code: 0,
      file: shop.router.routesFile,
      changed: true,
      diff: expect.stringContaining('+    stage: live'),
      in_force: true,
      revision: (await shop.config()).revision,
      feature: {
        name: 'orders',
        stage: 'live',
        writes: 0,
        routes: [
          { name: 'orders', side: 'feature', reason: 'stage' },
          { name: 'archive', side: 'feature', reason: 'stage' },
        ],
      },
    });
  });

  it('--dry-run shows the diff and changes nothing', async () => {
    const { code, out } = await banyan(['set', 'orders', 'done', '--dry-run']);
    expect(code).toBe(0);
    expect(out).toContain('+    stage: done\n');
    expect(out).toMatch(/Nothing was changed: --dry-run\.\n$/);
    expect(await fileText()).toBe(routes());
  });

  it('of two at once neither is lost', async () => {
    await start(routes().replace('routes:', `  search: { url: ${shop.orders.url}, stage: legacy }\nroutes:`));
    for (const stage of ['live', 'legacy', 'live']) {
      const both = await Promise.all([banyan(['set', 'orders', stage]), banyan(['set', 'search', stage])]);
      expect(both.map(({ code }) => code)).toEqual([0, 0]);
      expect((await fileText()).match(new RegExp(`stage: ${stage}`, 'g'))).toHaveLength(2);
    }
  });
});

describe('an edit that is not in force', () => {
  it('since the file was broken before: every error, and nothing is written', async () => {
    await start();
    const broken = routes().replace('prefix: /api/orders }', 'prefx: /api/orders }');
    await writeFile(shop.router.routesFile, broken);
    const { code, out, err } = await banyan(['rollback', 'orders']);
    expect([code, out]).toEqual([78, '']);
    expect(err).toContain(
      `${shop.router.routesFile}:9:14 error unknown key "prefx" (did you mean "prefix"?)\n`,
    );
    expect(err).toMatch(
      /has 1 error; nothing was written\. This works all the same: banyan legacy-only on orders\n$/,
    );
    expect(await fileText()).toBe(broken);
  });

  it('since the file would be broken by it', async () => {
    await start();
    const { code, err } = await banyan(['carve', '/pay', '--to', 'orders', '--name', 'archive']);
    expect(code).toBe(78);
    expect(err).toContain('error two routes have the name "archive"');
    expect(err).toContain('with this edit');
    expect(await fileText()).toBe(routes());
  });

  it('since the router rejects it, which its environment can cause', async () => {
    await start(routes().replace('name: archive', `name: \${ARCHIVE:-archive}`), { ARCHIVE: 'pay' });
    const { code, err } = await banyan(['carve', '/pay', '--to', 'orders', '--name', 'pay']);
    expect(code).toBe(78);
    expect(err).toContain('error two routes have the name "pay"');
    expect(err).toMatch(/is written, and the router rejected it: what was in force before goes on\n$/);
    await shop.router.edit(routes().replace('stage: legacy', 'stage: live'));
    const text = routes().replace('stage: legacy', `stage: live\n    host: \${HOST_OF_IT:-bad host}`);
    await writeFile(shop.router.routesFile, text);
    const back = await banyan(['rollback', 'orders', '--timeout', '2s'], { HOST_OF_IT: 'orders' });
    expect([back.code, back.err]).toEqual([
      78,
      expect.stringMatching(/goes on\. This works all the same: banyan legacy-only on orders\n$/),
    ]);
  });

  it('since the router follows another file: exit code 1 once the time is over', async () => {
    await start();
    const other = `${shop.router.routesFile}.other.yaml`;
    await writeFile(other, routes());
    const { code, err } = await banyan(['set', 'orders', 'live', '--routes', other, '--timeout', '300ms']);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^banyan set: not in force after 0\.3 s: .* is written, but the router .* Does it follow this file\?\n$/,
    );
    expect(await readFile(other, 'utf8')).toContain('stage: live');
  });

  it('since no router is there: the file is written; an error only if one was named', async () => {
    await start();
    await shop.router.stop();
    isRunning = false;
    const file = path.join(import.meta.dirname, `../../node_modules/.banyan-edit-${process.pid}.yaml`);
    await writeFile(file, routes());
    const admin = new URL(shop.router.adminUrl).host;
    try {
      const quiet = await runBanyan(['set', 'orders', 'live', '--routes', file], {
        env: { ADMIN_LISTEN: admin },
      });
      expect([quiet.code, quiet.err]).toEqual([
        0,
        `No router answers at http://${admin} (--admin names another): ${file} is written, and waits for one.\n`,
      ]);
      const named = await runBanyan(['set', 'orders', 'done', '--routes', file, '--admin', admin]);
      expect([named.code, named.err]).toEqual([1, expect.stringContaining('no router answers at')]);
      const unasked = await runBanyan([
        'set',
        'orders',
        'live',
        '--routes',
        file,
        '--admin',
        admin,
        '--no-wait',
      ]);
      expect([unasked.code, unasked.err]).toEqual([0, '']);
      expect(await readFile(file, 'utf8')).toContain('stage: live');
    } finally {
      await rm(file);
    }
  });
});

describe('rollback', () => {
  it('of a feature says what is still open, and what the feature wrote', async () => {
    await start(routes().replace('stage: legacy', 'stage: live'));
    for (let i = 0; i < 3; i++) await ask(shop.router.port, post('/api/orders', 'x'));
    const stream = await EventStream.open(shop.router.port, '/api/orders/events');
    const socket = await RawWebSocket.open(shop.router.port, '/api/orders/ws');
    const { code, out } = await banyan(['rollback', 'orders']);
    expect(code).toBe(0);
    expect(await shop.answeredBy()).toBe('legacy');
    expect(out).toContain('orders: live → legacy.\nIn force: legacy answers.\n');
    expect(out).toContain(
      'Still open on orders: 1 event stream, 1 upgraded connection. They end where they began.\n',
    );
    expect(out).toContain(
      'To end event streams and upgraded connections too: banyan legacy-only on orders\n',
    );
    expect(out).toMatch(
      /orders took 3 writes \(requests that are not repeatable\) since [\d: -]+ UTC\. What it wrote stays with it/,
    );
    expect(await socket.echo('still here')).toBe('still here');
    for (const open of [stream, socket]) open.destroy();
    await until(
      async () => (await banyan(['rollback', 'orders'])).out,
      (text) => text.includes('orders is legacy already') && text.includes('Nothing is open on orders.'),
    );
  });

  it('of a feature that is done says that legacy may lack its code', async () => {
    await start(routes().replace('stage: legacy', 'stage: done'));
    const refused = await banyan(['rollback', 'archive']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain(
      'whose stage is done, which legacy_only never moves: banyan rollback orders',
    );
    const { code, out } = await banyan(['rollback', 'orders']);
    expect(code).toBe(0);
    expect(out).toContain('orders: done → legacy. Its stage was done: legacy’s code for it may be gone.');
    expect(await shop.answeredBy()).toBe('legacy');
  });

  it('of a route leaves the feature’s others where they are', async () => {
    await start(routes().replace('stage: legacy', 'stage: live'));
    const { code, out } = await banyan(['rollback', 'archive']);
    expect(code).toBe(0);
    expect(out).toContain('+legacy_only: [archive]\n');
    expect(out).toContain('In force: legacy answers on the route archive.\n');
    expect(await shop.answeredBy('/api/orders/archive/1')).toBe('legacy');
    expect(await shop.answeredBy()).toBe('orders');
    expect((await banyan(['rollback', 'archive'])).out).toContain(
      'legacy_only holds the route archive already',
    );
    const again = await banyan(['set', 'orders', 'live']);
    expect(again.out).toContain('In force: the feature answers, but for "archive", which legacy_only names.');
  });
});

describe('legacy-only', () => {
  it('works while routes.yaml is broken, for names and for everything, and ends what is long open', async () => {
    await start(routes().replace('stage: legacy', 'stage: live'));
    const socket = await RawWebSocket.open(shop.router.port, '/api/orders/ws');
    await writeFile(shop.router.routesFile, 'legacy: [broken');
    await shop.lastReload(0);
    const wrong = await banyan(['legacy-only', 'on', 'archives']);
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('(did you mean "archive"?)')]);
    const named = await banyan(['legacy-only', 'on', 'archive', '--json']);
    expect(named.code).toBe(0);
    expect(JSON.parse(named.out)).toMatchObject({
      in_force: true,
      legacy_only: { everything: false, routes: ['archive'] },
    });
    expect(await shop.answeredBy('/api/orders/archive/1')).toBe('legacy');
    expect(await shop.answeredBy()).toBe('orders');
    const all = await banyan(['legacy-only', 'on']);
    expect(all.code).toBe(0);
    expect(await shop.answeredBy()).toBe('legacy');
    expect(await readFile(legacyOnlyFile(), 'utf8')).toBe('');
    expect(all.out).toContain('In force: legacy alone answers for everything.\n');
    expect(all.out).toContain('Event streams and upgraded connections end after 5 s.\n');
    expect((await banyan(['legacy-only', 'on', 'archive'])).out).toContain(
      'LEGACY_ONLY holds archive already.',
    );
    const narrower = await banyan(['legacy-only', 'off', 'archive']);
    expect([narrower.code, narrower.err]).toEqual([
      1,
      expect.stringContaining('LEGACY_ONLY holds everything'),
    ]);
    const off = await banyan(['legacy-only', 'off']);
    expect([off.code, off.out]).toEqual([
      0,
      expect.stringContaining(
        'LEGACY_ONLY is gone, with all that it held.\nIn force: legacy_only holds nothing.\n',
      ),
    ]);
    expect((await banyan(['legacy-only', 'off'])).out).toMatch(
      /^There is no LEGACY_ONLY: nothing to take off\.\n/,
    );
    expect(await shop.answeredBy()).toBe('orders');
    socket.destroy();
  });

  it('off of the last name deletes the file; what routes.yaml names stays', async () => {
    await start(`${routes().replace('stage: legacy', 'stage: live')}legacy_only: [archive]\n`, {});
    await banyan(['legacy-only', 'on', 'orders']);
    expect(await shop.answeredBy()).toBe('legacy');
    const { code, out } = await banyan(['legacy-only', 'off', 'orders']);
    expect([code, out]).toEqual([
      0,
      expect.stringContaining('In force: legacy alone answers for archive.\n'),
    ]);
    await expect(readFile(legacyOnlyFile())).rejects.toThrow('ENOENT');
    expect(await shop.answeredBy()).toBe('orders');
  });
});

describe('carve', () => {
  it('adds a feature that nothing moves to yet, and then another route to it', async () => {
    await start();
    const url = ['--url', shop.orders.url];
    const { code, out } = await banyan([
      'carve',
      '/api/pay',
      '--to',
      'pay',
      ...url,
      '--methods',
      'get, POST'.toUpperCase(),
    ]);
    expect(code).toBe(0);
    expect(out).toContain(
      '/api/pay and all below it: to pay, which is new, in stage legacy. Nothing has moved',
    );
    expect(out).toContain('In force: legacy answers.\n');
    expect(await shop.answeredBy('/api/pay/1')).toBe('legacy');
    await banyan(['set', 'pay', 'live']);
    expect(await shop.answeredBy('/api/pay/1')).toBe('orders');
    const second = await banyan(['carve', '/pay', '--to', 'pay', '--exact']);
    expect(second.out).toContain(
      '/pay: to pay, which is there already and keeps its stage, live.\nIn force: the feature answers.\n',
    );
    expect([await shop.answeredBy('/pay'), await shop.answeredBy('/pay/x')]).toEqual(['orders', 'legacy']);
    const text = await fileText();
    expect((await banyan(['carve', '/pay', '--to', 'pay', '--exact', ...url])).out).toContain(
      'already: the file stays as it is.',
    );
    expect(await fileText()).toBe(text);
    expect(text).toMatch(/^# ours, \d+\n/);
    expect(text).toContain('  # its container\n');
  });

  it('refuses a route that would never match, and a second url', async () => {
    await start();
    const covered = await banyan(['carve', '/api/orders/archive', '--to', 'legacy']);
    expect([covered.code, covered.err]).toEqual([
      1,
      expect.stringContaining('the new route would never match'),
    ]);
    const second = await banyan(['carve', '/x', '--to', 'orders', '--url', 'http://elsewhere']);
    expect([second.code, second.err]).toEqual([2, expect.stringContaining('"orders" has a url already')]);
    expect(await fileText()).toBe(routes());
  });

  it('makes a hole that is legacy’s', async () => {
    await start(routes().replace('stage: legacy', 'stage: live'));
    const { code } = await banyan(['carve', '/api/orders/old', '--to', 'legacy']);
    expect([code, await shop.answeredBy('/api/orders/old/1'), await shop.answeredBy()]).toEqual([
      0,
      'legacy',
      'orders',
    ]);
  });
});

describe('status', () => {
  it('shows features, who answers and why, what was answered, and what is wrong', async () => {
    await start(routes().replace('stage: legacy', 'stage: live'));
    for (let i = 0; i < 2; i++) await shop.answeredBy();
    const { code, out } = await banyan(['status']);
    expect(code).toBe(0);
    expect(out).toContain(`revision ${(await shop.config()).revision}\n`);
    expect(out).toMatch(
      /^orders +live +feature \d+(?:, legacy \d+)? +– +1 available\n {4}the feature answers\n/m,
    );
    await writeFile(legacyOnlyFile(), 'orders\n');
    await shop.movesTo('legacy');
    await writeFile(shop.router.routesFile, 'legacy: [broken');
    await shop.lastReload(0);
    const held = await banyan(['status']);
    expect(held.out).toContain('Last reload: rejected');
    expect(held.out).toMatch(/error .*\n.*legacy: \[broken/);
    expect(held.out).toContain('legacy_only: orders\n');
    expect(held.out).toContain('    legacy answers, since legacy_only names it\n');
    const json = JSON.parse((await banyan(['status', '--json'])).out);
    expect(json).toMatchObject({
      router: shop.router.adminUrl,
      last_reload: { result: 'rejected' },
      legacy_only: { features: ['orders'] },
      features: [
        {
          name: 'orders',
          stage: 'live',
          answers_5m: { feature: expect.any(Number) },
          endpoints: [{ state: 'available' }],
        },
      ],
      legacy: { name: 'legacy' },
    });
  });

  it('without a router shows what the file says, and exits with 1', async () => {
    await start();
    const file = `${shop.router.routesFile}.alone.yaml`;
    await writeFile(file, routes());
    const away = ['--admin', '127.0.0.1:1'];
    const { code, out } = await banyan(['status', ...away, '--routes', file]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^No router answers at http:\/\/127\.0\.0\.1:1 .*says:\n\nfeature {2}stage {3}routes\norders {3}legacy {2}orders, archive\n$/,
    );
    expect(JSON.parse((await banyan(['status', ...away, '--routes', file, '--json'])).out)).toMatchObject({
      router: null,
      features: [{ name: 'orders', stage: 'legacy' }],
    });
    await writeFile(file, 'legcy: x\n');
    expect((await banyan(['status', ...away, '--routes', file])).code).toBe(78);
  });
});
