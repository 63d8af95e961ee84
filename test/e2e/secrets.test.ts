import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, get, post, RawClient } from '../support/raw-client.ts';
import { TwoBackends } from '../support/two-backends.ts';

/** What must never leave by another door: the log at its loudest, metrics, the admin listener, problems. */

const SECRET = 'hush-8f3a';
const CREDENTIALS = [
  `Authorization: Bearer ${SECRET}`,
  `Proxy-Authorization: Basic ${SECRET}`,
  `Cookie: session=${SECRET}; other=1`,
  `X-Api-Key: ${SECRET}`,
];
const QUERIES = ['token', 'access_token', 'api_key', 'password', 'secret', 'sig', 'code', 'session', 'jwt'];
const PAGES = [
  ...['/', '/metrics', '/healthz', '/readyz', '/api/routes', '/api/backends', '/api/config', '/api/refusals'],
  '/api/shadow',
];

let all: TwoBackends;

beforeAll(async () => {
  all = await TwoBackends.start('', { flags: ['--log-level', 'trace'] });
  all.legacy.use(async (request, reply) => {
    await request.body();
    if (request.target.startsWith('/reset')) reply.reset();
    else if (request.target.startsWith('/nonsense')) reply.write(`HTTP/1.1 20 ${SECRET}\r\n\r\n`);
    else reply.send(200, [`Set-Cookie: session=${SECRET}; HttpOnly`], `body ${SECRET}`);
  });
});
afterAll(() => all.stop());

it('credentials, cookies, secret-looking query values and bodies stand in no log, metric or admin page', async () => {
  const { port } = all.router;
  const query = QUERIES.map((name) => `${name}=${SECRET}`).join('&');
  for (const path of ['/fine', '/reset', '/nonsense', '/x%2f..%2ffeature', '/bad%zz'])
    await ask(port, get(`${path}?${query}`, CREDENTIALS)).catch(() => null);
  await ask(port, post(`/fine?${query}`, `body ${SECRET}`, CREDENTIALS));
  await ask(port, get(`/?${query}`, [...CREDENTIALS, 'X : y']));
  const left = await RawClient.connect(port);
  left.send(get(`/fine?${query}`, CREDENTIALS));
  left.reset();
  const lines = await all.router.log((line) => line['path'] !== undefined && line['status'] === 502);
  expect(lines).toBeDefined();
  const pages = await Promise.all(
    PAGES.map(async (page) => (await fetch(all.router.adminUrl + page)).text()),
  );
  const said = [...all.router.logs().map((line) => JSON.stringify(line)), ...all.router.torn(), ...pages];
  expect(said.length).toBeGreaterThan(15);
  expect(said.filter((text) => text.includes(SECRET))).toEqual([]);
});

it('no problem names an address, a port, a file or a stack', async () => {
  const { port } = all.router;
  const texts: string[] = [];
  for (const target of ['/reset', '/nonsense', '/x%2f..%2ffeature', '/bad%zz']) {
    for (const accept of ['application/json', 'text/plain']) {
      const { status, text } = await ask(port, get(target, [`Accept: ${accept}`]));
      expect(status).toBeGreaterThanOrEqual(400);
      texts.push(text);
    }
  }
  const own = [String(all.legacy.port), String(all.feature.port), '127.0.0.1', '.ts:', '.js:', '    at '];
  for (const text of texts) expect(own.filter((word) => text.includes(word))).toEqual([]);
});
