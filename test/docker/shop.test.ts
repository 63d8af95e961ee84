import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, openProject, unusedPort } from './compose-project.ts';
import { docker, run } from './docker.ts';
import { ask, untilAnsweredBy, untilServing, Visitor } from './shop-client.ts';

/** `docker compose up` from a clone: the shop works through the router, and nothing else is reachable. */
let project: ComposeProject;

beforeAll(async () => {
  project = await openProject('shop');
  await project.compose(['up', '--build', '--detach']);
  await untilServing(project.url);
});
afterAll(() => project.down());

test('a visitor logs in, fills the cart and places an order', async () => {
  const visitor = new Visitor(project.url);
  const login = await visitor.post('/login', { name: 'Lynn', next: '/cart' });
  expect([login.status, login.headers.get('location')]).toEqual([303, '/cart']);
  const added = await visitor.post('/cart', { id: '7', quantity: '2' });
  // Made from Host by the monolith: the public address, since the router keeps it.
  expect([added.status, added.headers.get('location')]).toEqual([302, `${project.url}/cart`]);
  const cart = await (await visitor.get('/cart')).text();
  expect(cart).toMatch(/Maidenhair fern[\s\S]*€29\.00/);
  const placed = await visitor.post('/orders', { item: '7x2' });
  expect(placed.status).toBe(303);
  const order = await (await visitor.get(placed.headers.get('location')!)).text();
  expect(order).toMatch(/Thank you, Lynn/);
  expect(order).toMatch(/answered by <b>legacy<\/b>/);
});

test('the monolith’s own address never leaves in a Location', async () => {
  const moved = await ask(`${project.url}/shop/catalogue.php`);
  expect([moved.status, moved.headers.get('location')]).toEqual([301, `${project.url}/catalogue`]);
});

test('files: 304, ranges, gzip, an upload and its download', async () => {
  const css = `${project.url}/static/shop.css`;
  const whole = await ask(css, { headers: { 'accept-encoding': 'identity' } });
  const bytes = Buffer.from(await whole.arrayBuffer());
  const etag = whole.headers.get('etag')!;
  const unchanged = { 'if-none-match': etag, 'accept-encoding': 'identity' };
  expect((await ask(css, { headers: unchanged })).status).toBe(304);
  const part = await ask(css, { headers: { range: 'bytes=10-19' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 10-19/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 20));
  expect((await ask(css, { headers: { 'accept-encoding': 'gzip' } })).headers.get('content-encoding')).toBe(
    'gzip',
  );

  const photo = randomBytes(3_000_000);
  const form = new FormData();
  form.set('photo', new Blob([photo], { type: 'image/png' }), 'my fern.png');
  const visitor = new Visitor(project.url);
  expect((await visitor.upload('/photos', form)).status).toBe(303);
  const link = /\/photos\/[\w-]{36}/.exec(await (await visitor.get('/photos')).text())?.[0];
  const download = await visitor.get(link!);
  expect(Buffer.from(await download.arrayBuffer()).equals(photo)).toBe(true);
});

test('the event stream and the WebSocket tell of an order', async () => {
  const leaving = new AbortController();
  const stream = await ask(`${project.url}/events`, { signal: leaving.signal });
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const socket = new WebSocket(`${project.url.replace('http', 'ws')}/ws`, 'shop.stock');
  const messages: string[] = [];
  socket.on('message', (data) => messages.push(String(data)));
  await eventually(
    () => messages.length,
    (count) => count > 0,
  );
  expect(socket.protocol).toBe('shop.stock');

  const order = { method: 'POST', body: '{"items":[{"id":5,"quantity":1}]}' };
  const { id } = (await (await ask(`${project.url}/api/orders`, order)).json()) as { id: number };
  let told = '';
  const reading = (async () => {
    for await (const chunk of stream.body!) told += Buffer.from(chunk).toString();
  })();
  await eventually(
    () => told,
    (text) => text.includes(`"id":${id}`),
  );
  await eventually(
    () => messages.join(),
    (text) => text.includes('"type":"stock","id":5'),
  );
  leaving.abort();
  await expect(reading).rejects.toThrow();
  socket.terminate();
});

interface SearchAnswer {
  readonly generatedAt: string;
  readonly items: readonly Record<string, unknown>[];
}

test('the rewritten search differs from the old one as planted, in three ways', async () => {
  const searchOf = async (url: string): Promise<SearchAnswer> =>
    JSON.parse(
      await docker(
        'exec',
        await project.container('legacy'),
        'node',
        '-e',
        `fetch('${url}').then((a) => a.text()).then(console.log)`,
      ),
    );
  const old = await searchOf('http://legacy:8080/api/search?q=fern');
  const rewritten = await searchOf('http://search:8000/api/search?q=fern');
  const ids = ({ items }: SearchAnswer): unknown[] => items.map(({ id }) => id);
  expect(ids(rewritten)).not.toEqual(ids(old));
  expect(ids(rewritten).sort()).toEqual(ids(old).sort());
  const differing = old.items.flatMap((item) => {
    const other = rewritten.items.find(({ id }) => id === item['id'])!;
    return Object.keys(item)
      .filter((key) => item[key] !== other[key])
      .map((key) => `${item['name']}: ${key}`);
  });
  const missing = old.items.map(({ name }) => `${name}: origin`);
  expect(differing.sort()).toEqual([...missing, 'Tree fern: priceWithTax'].sort());
});

interface ComparedSearch {
  readonly compared: number;
  readonly routes: readonly {
    readonly fields: readonly { readonly field: string; readonly kind: string }[];
    readonly noise: { readonly fields: readonly { readonly field: string; readonly learnt: boolean }[] };
  }[];
}

test('in stage shadow the router finds the three, and learns what differs by itself', async () => {
  const search = `${project.url}/api/search?limit=50&q=`;
  const moveSearch = (from: string, to: string): Promise<void> =>
    project.edit('routes.yaml', (text) =>
      text.replace(new RegExp(`^( {2}search:\\n.*\\n {4}stage: )${from}`, 'm'), `$1${to}`),
    );
  await moveSearch('live', 'shadow');
  await untilAnsweredBy(`${search}fern`, 'legacy');
  for (let i = 0; i < 20; i++)
    await Promise.all(
      ['fern', 'tree', 'palm', 'plant'].map(async (words) => (await ask(search + words)).arrayBuffer()),
    );
  const found = await eventually(
    async () => JSON.parse(await project.admin('/api/shadow/search')) as ComparedSearch,
    // Some are dropped where the feature is slower than legacy: no copy waits for another.
    ({ compared }) => compared >= 40,
    { timeoutMs: 10_000 },
  );
  const [route] = found.routes;
  const fields = route?.fields.map(({ field, kind }) => `${field}: ${kind}`).sort();
  expect(fields).toEqual(['$.items: order', '$.items[*].origin: missing', '$.items[*].priceWithTax: value']);
  const learnt = route?.noise.fields.filter((one) => one.learnt).map(({ field }) => field);
  expect(learnt?.sort()).toEqual(['$.generatedAt', '$.searchId']);
  await moveSearch('shadow', 'live');
  await untilAnsweredBy(`${search}fern`, 'search');
});

test('the stand-in for machines without Python answers as the search feature does', async () => {
  const script = join(project.folder, 'examples/shop/search/stand-in.mjs');
  const port = await unusedPort();
  const standIn = spawn(process.execPath, [script], {
    env: { HOST: '127.0.0.1', PORT: String(port), SHOP_ENDS_WITH_STDIN: '1' },
  });
  try {
    await once(standIn.stdout, 'data');
    for (const words of [
      'fern',
      'fig',
      'tree fern',
      'a e',
      'tools',
      'PLANT',
      'no such thing',
      '',
      '%25',
      'caf%C3%A9',
    ]) {
      const query = `/api/search?q=${words.replace(' ', '+')}&limit=24`;
      const [own, real] = await Promise.all(
        [`http://127.0.0.1:${port}`, project.url].map(async (url) => {
          const answer = await ask(url + query);
          const { searchId, generatedAt, ...rest } = (await answer.json()) as Record<string, unknown>;
          return { status: answer.status, rest, noise: [typeof searchId, typeof generatedAt] };
        }),
      );
      expect(own).toEqual(real);
    }
  } finally {
    standIn.kill();
  }
});

test('only the router’s port is published, and only to this machine', async () => {
  const ports = await Promise.all(
    ['router', 'legacy', 'orders', 'search'].map(async (service) =>
      docker('port', await project.container(service)),
    ),
  );
  expect(ports).toEqual([`8080/tcp -> 127.0.0.1:${project.port}`, '', '', '']);
});

test('a container outside the network reaches neither legacy nor a feature nor the admin listener', async () => {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const addresses = async (service: string): Promise<string[]> =>
    (await docker('inspect', '--format', format, await project.container(service)))
      .split(' ')
      .filter(Boolean);
  const targets = [
    ...(await addresses('legacy')).map((address) => `${address}/8080`),
    ...(await addresses('orders')).map((address) => `${address}/3000`),
    ...(await addresses('search')).map((address) => `${address}/8000`),
    ...(await addresses('router')).map((address) => `${address}/9901`),
  ];
  expect(targets.length).toBeGreaterThanOrEqual(6);
  const attempts = targets.map(
    (target) => `(timeout 2 bash -c '</dev/tcp/${target}' 2>/dev/null && echo reached ${target}) &`,
  );
  const outside = await run('docker', [
    'run',
    '--rm',
    'debian:bookworm-slim',
    'bash',
    '-c',
    `${attempts.join('\n')}\nwait`,
  ]);
  expect(outside.out).toBe('');
});

test('from outside, the admin paths are the shop’s 404, not the router’s', async () => {
  for (const path of ['/metrics', '/readyz', '/api/routes']) {
    const answer = await ask(project.url + path);
    expect([path, answer.status, answer.headers.get('x-shop-answered-by')]).toEqual([path, 404, 'legacy']);
  }
});
