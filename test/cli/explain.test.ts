import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ExplainOptions, explainCommand } from '../../src/cli/explain.ts';

const ROUTES = `legacy: http://legacy:8080
features:
  orders: http://orders:3000
  ios:
    url: http://ios:3000
    stage: legacy
routes:
  - match:
      prefix: /api/orders
    to: orders
  - name: ios-orders
    match:
      prefix: /api/orders
      headers: { x-app: ios }
      cookies: { beta: "1" }
    to: ios
  - match:
      path: /old
    redirect: { to: "https://new.test/{path}" }
`;

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-explain-'));
  file = join(folder, 'routes.yaml');
  await writeFile(file, ROUTES);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function run(given: Partial<ExplainOptions>) {
  return explainCommand({
    method: 'GET',
    url: '/api/orders/7',
    headers: [],
    cookies: [],
    client: null,
    file,
    json: false,
    env: {},
    ...given,
  });
}

test('each route considered, why it failed, who answers, and what is sent', async () => {
  expect(await run({ headers: ['Host: shop.test', 'x-app: ios'] })).toEqual({
    exitCode: 0,
    output: `GET /api/orders/7

Routes considered, the most specific first, each with what it failed by:
    redirect:/old  path: /old
    ios-orders     cookie beta: wanted "1", got none
  > orders         takes it

The feature orders answers, by route orders: its feature is in stage live (reason stage)

The request that would be sent:
  GET /api/orders/7 HTTP/1.1
  Host: shop.test
  x-app: ios
  X-Forwarded-For: 127.0.0.1
  X-Forwarded-Proto: http
  X-Forwarded-Host: shop.test
  X-Forwarded-Port: 80
  X-Real-IP: 127.0.0.1
  Via: 1.1 banyan
  X-Request-Id: (a new id)
`,
  });
});

test('cookies, legacy by its stage, a client address', async () => {
  const { output } = await run({
    headers: ['x-app: ios'],
    cookies: ['a=2', 'beta=1'],
    client: '203.0.113.9',
  });
  expect(output).toContain('> ios-orders     takes it');
  expect(output).toContain(
    'Legacy answers, by route ios-orders: its feature is in stage legacy (reason stage)',
  );
  expect(output).toContain('  Cookie: a=2; beta=1\n');
  expect(output).toContain('X-Forwarded-For: 203.0.113.9');
});

test('a method in lower case is another one, and that is said', async () => {
  const { output, exitCode } = await run({ method: 'get' });
  expect(exitCode).toBe(0);
  expect(output).toMatch(/^get \/api\/orders\/7\n"get" is not GET: the case of methods matters\n\n/);
  expect((await run({ method: 'Purge' })).output).not.toContain('the case of methods');
});

test('a path that is changed is said to be', async () => {
  const { output } = await run({ url: 'http://shop.test/x/../api/orders?a=1' });
  expect(output).toContain('  GET /api/orders?a=1 HTTP/1.1\n');
  expect(output).toContain('The path was changed on the way: it came as /x/../api/orders?a=1\n');
});

test('a redirect', async () => {
  const { exitCode, output } = await run({ url: '/old?a=1' });
  expect(exitCode).toBe(0);
  expect(output).toContain(
    'Route redirect:/old is answered by the router itself: 308 https://new.test/old?a=1\n',
  );
  expect(output).not.toContain('would be sent');
});

test('a refusal: exit code 1, with the reading that did it', async () => {
  const { exitCode, output } = await run({ url: '/x/..%2fapi/orders' });
  expect(exitCode).toBe(1);
  expect(output).toContain('> (default)      would take it\n');
  expect(output).toContain('Refused with 400 ambiguous_path:\n  %2F as a separator: picks "orders"');
});

test('--json is the explanation', async () => {
  const { exitCode, output } = await run({ json: true, url: '/x' });
  expect(exitCode).toBe(0);
  expect(JSON.parse(output)).toMatchObject({ route: '(default)', side: 'legacy', request: { path: '/x' } });
});

test.each<[string, Partial<ExplainOptions>, string]>([
  ['a method that is none', { method: 'GE T' }, '"GE T" is not a method'],
  ['a path without its slash', { url: 'orders' }, '"orders" is neither a path ("/orders") nor a url'],
  ['no path', { url: '' }, '"" is neither a path ("/") nor a url'],
  ['another scheme', { url: 'ftp://x/' }, '"ftp://x/" is neither a path'],
  ['a header without colon', { headers: ['x-app'] }, `-H "x-app": write -H 'name: value'`],
  ['a header with a line break', { headers: ['a: b\nc: d'] }, 'write -H'],
  ['a cookie without value', { cookies: ['staff'] }, `--cookie "staff": write --cookie 'name=value'`],
  ['a client that is no address', { client: 'me' }, '--client me: not an address'],
])('%s: exit code 2', async (_, given, message) => {
  const { exitCode, output } = await run(given);
  expect(exitCode).toBe(2);
  expect(output).toContain(message);
});

test('a bad file: exit code 78 and its issues', async () => {
  const bad = join(folder, 'bad.yaml');
  await writeFile(
    bad,
    'legacy: http://legacy:8080\nroutes:\n  - match:\n      prefix: /a\n    to: nowhere\n',
  );
  const { exitCode, output } = await run({ file: bad });
  expect(exitCode).toBe(78);
  expect(output).toContain('bad.yaml:5:');
  expect((await run({ file: join(folder, 'none.yaml') })).exitCode).toBe(78);
});

test.each<[string, Partial<ExplainOptions>, string]>([
  [
    'below the share',
    { cookies: ['banyan=9999'] },
    "The feature orders answers, by route orders: bucket 581 of 10000, below 12.5 % (by place 9999 in the router's cookie) (reason bucket)",
  ],
  [
    'not below it',
    { cookies: ['banyan=1234'] },
    "Legacy answers, by route orders: bucket 5094 of 10000, not below 12.5 % (by place 1234 in the router's cookie) (reason bucket)",
  ],
  [
    'by a header',
    { headers: ['x-user: 42'] },
    'Legacy answers, by route orders: bucket 6269 of 10000, not below 12.5 % (by header:x-user) (reason bucket)',
  ],
  [
    'nothing yet',
    {},
    'Legacy answers most likely, by route orders: no key tells this client yet, a place is drawn for it; 12.5 of 100 get the feature (reason bucket)',
  ],
  [
    'nothing, and no page',
    { method: 'POST' },
    "Legacy answers, by route orders: nothing tells this client apart, and the canary's share is 12.5 % (reason no_key)",
  ],
  [
    'a preflight',
    { method: 'OPTIONS', headers: ['Origin: https://a.test', 'Access-Control-Request-Method: PUT'] },
    'Legacy answers, by route orders: a CORS preflight goes to legacy in a canary below 100 % (reason bucket)',
  ],
  [
    'a tester',
    { headers: ['x-tester: 1'] },
    "The feature orders answers, by route orders: the request is a tester's, in stage canary (reason tester)",
  ],
  [
    'the whole of it',
    { url: '/whole' },
    "The feature whole answers, by route whole: the canary's share is 100 % (reason bucket)",
  ],
])('a canary, in words: %s', async (_, given, expected) => {
  const canary = join(folder, 'canary.yaml');
  await writeFile(
    canary,
    `legacy: http://legacy:8080
features:
  orders:
    url: http://orders:3000
    stage: canary
    canary: { share: 12.5%, by: [header:X-User, cookie] }
    testers: { headers: { X-Tester: 1 } }
  whole: { url: http://whole, stage: canary, canary: { share: 100% } }
routes:
  - { match: { prefix: /api/orders }, to: orders }
  - { match: { prefix: /whole }, to: whole }
`,
  );
  const { output } = await run({ file: canary, ...given });
  expect(output).toContain(expected);
});
