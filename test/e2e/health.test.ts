import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Load } from '../support/load.ts';
import { answerAs, startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { sleep, until } from '../support/until.ts';

/** Health checks and breakers of real endpoints: what is left alone, when, and how it comes back. */

let one: RawBackend;
let two: RawBackend;
let mortal: RawBackend;
let sick: RawBackend;
let checked: RawBackend;
let router: RunningRouter;

beforeAll(async () => {
  [one, two, mortal, sick, checked] = (await Promise.all(
    ['one', 'two', 'mortal', 'sick', 'checked'].map((name) => startNamed(name)),
  )) as [RawBackend, RawBackend, RawBackend, RawBackend, RawBackend];
  const health = ['health:', '  path: /up?deep=1', '  interval: 100ms', '  timeout: 2s', '  expect: 200-299'];
  const features: Record<string, readonly string[]> = {
    pair: ['urls:', `  - ${one.url}`, `  - ${mortal.url}`],
    alone: [`url: ${mortal.url}`, 'hold_while_down: 0s'],
    held: [`url: ${mortal.url}`, 'hold_while_down: 10s'],
    sick: [`url: ${sick.url}`, 'hold_while_down: 0s', 'breaker:', '  failures: 3', '  cooldown: 400ms'],
    busy: [`url: ${sick.url}`, 'hold_while_down: 0s'],
    checked: ['urls:', `  - ${one.url}`, `  - ${checked.url}`, ...health],
    single: [`url: ${checked.url}`, 'hold_while_down: 0s', ...health],
    both: ['urls:', `  - ${checked.url}`, `  - http://127.0.0.1:${checked.port}/x`, ...health],
  };
  router = await startRouter(
    [
      `legacy: ${two.url}`,
      'features:',
      ...Object.entries(features).flatMap(([name, lines]) => [
        `  ${name}:`,
        '    stage: live',
        ...lines.map((line) => `    ${line}`),
      ]),
      'routes:',
      ...Object.keys(features).flatMap((name) => [`  - match: { prefix: /${name} }`, `    to: ${name}`]),
      '',
    ].join('\n'),
  );
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await Promise.all([one, two, mortal, sick, checked].map((backend) => backend.stop()));
});

interface EndpointView {
  readonly address: string;
  readonly state: string;
  readonly why: string | null;
  readonly since: string;
  readonly consecutive_failures: number;
  readonly next_probe: string | null;
}

async function endpointOf(backend: string, port: number): Promise<EndpointView> {
  const page = (await (await fetch(`${router.adminUrl}/api/backends`)).json()) as {
    backends: { name: string; endpoints: EndpointView[] }[];
  };
  const endpoints = page.backends.find(({ name }) => name === backend)?.endpoints ?? [];
  const found = endpoints.find(({ address }) => address === `127.0.0.1:${port}`);
  if (found === undefined) throw new Error(`no endpoint at ${port} of ${backend}`);
  return found;
}

/** Waits for a state on `/api/backends`. */
function stateOf(backend: string, port: number, state: string): Promise<EndpointView> {
  const what = `${backend} to be ${state}`;
  return until(
    () => endpointOf(backend, port),
    (endpoint) => endpoint.state === state,
    { withinMs: 10_000, what },
  );
}

const answer = async (target: string) => {
  const { status, text, header } = await ask(router.port, get(target));
  return { status, failure: status === 200 ? null : JSON.parse(text).failure, by: header('x-answered-by') };
};

/** How often the log said this of an endpoint of a backend. */
const said = (backend: string, message: string): number =>
  router.logs().filter((line) => line['backend'] === backend && String(line['msg']).includes(message)).length;

describe('an endpoint that is gone', () => {
  it('under load is ejected without a lost request, and back within 200 ms of its return', async () => {
    const { port } = mortal;
    const before = mortal.requests.length;
    const load = new Load(router.port, { clients: 8, pauseMs: 1, request: (_, n) => get(`/pair/${n}`) });
    await until(
      () => mortal.requests.length,
      (count) => count > before + 50,
    );
    await mortal.stop();
    const gone = await stateOf('pair', port, 'ejected');
    expect(gone.next_probe).not.toBe(null);
    expect(await router.metric('banyan_backend_endpoints', { backend: 'pair', state: 'ejected' })).toBe(1);
    await until(
      () => said('pair', 'takes no more requests'),
      (count) => count === 1,
    );
    const asked = mortal.requests.length;
    await mortal.listen(port);
    const returned = performance.now();
    await until(
      () => mortal.requests.length,
      (count) => count > asked,
    );
    const backAfterMs = performance.now() - returned;
    const figures = await load.stop();
    console.log('an endpoint dies and comes back:', JSON.stringify({ backAfterMs, ...figures }));
    expect(figures.lost).toEqual([]);
    expect(Object.keys(figures.byStatus)).toEqual(['200']);
    // 200 ms by design; the rest is what a busy machine may take to notice.
    expect(backAfterMs).toBeLessThan(1_500);
    await until(
      () => [said('pair', 'does not accept connections'), said('pair', 'takes requests again')],
      ([failing, closed]) => failing === 1 && closed === 1,
    );
  });

  it('killed under load, and back after a second: who asks meanwhile waits', async () => {
    const { port } = mortal;
    const load = new Load(router.port, { clients: 8, pauseMs: 1, request: (_, n) => get(`/held/${n}`) });
    await until(
      () => load.answered,
      (count) => count > 100,
    );
    // Every connection broken at once, and the port closed, as when a process is killed.
    await mortal.stop();
    await sleep(1_000);
    const asked = mortal.requests.length;
    await mortal.listen(port);
    const returned = performance.now();
    await until(
      () => mortal.requests.length,
      (count) => count > asked + 20,
    );
    const backAfterMs = performance.now() - returned;
    const figures = await load.stop();
    console.log('the only endpoint is killed and comes back:', JSON.stringify({ backAfterMs, ...figures }));
    expect(figures.lost).toEqual([]);
    // Nobody is refused for the breaker's sake. What was on its way on a new connection when that broke is not sent
    // again to the same endpoint (docs/adr/0012), so a few of the eight under way may have failed.
    const { 200: answered, 502: broken = 0, ...others } = figures.byStatus;
    expect(others).toEqual({});
    expect(answered).toBeGreaterThan(100);
    expect(broken).toBeLessThanOrEqual(2);
    expect(backAfterMs).toBeLessThan(1_500);
  });

  it('and is the only one: 502 while it is tried, then 503 breaker_open with Retry-After, and 200 when it is back', async () => {
    const { port } = mortal;
    await mortal.stop();
    expect(await answer('/alone')).toMatchObject({ status: 502, failure: 'connect_refused' });
    await until(
      () => answer('/alone'),
      ({ failure }) => failure === 'breaker_open',
    );
    const refused = await ask(router.port, get('/alone'));
    expect([refused.status, refused.header('retry-after')]).toEqual([503, '1']);
    expect((await endpointOf('alone', port)).why).toMatch(
      /^5 failures in a row, the last was connect_refused$/,
    );
    const held = ask(router.port, get('/held'));
    await sleep(1_200);
    const heldToo = ask(router.port, get('/held'));
    await mortal.listen(port);
    const from = performance.now();
    expect([(await held).status, (await heldToo).status]).toEqual([200, 200]);
    expect(performance.now() - from).toBeLessThan(1_500);
    await until(
      () => answer('/alone'),
      ({ status }) => status === 200,
    );
  });
});

describe('an endpoint that answers badly', () => {
  it('rests for its cooldown after failures in a row, and one request decides', async () => {
    sick.use((_, reply) => reply.reset());
    const seen = [];
    for (let i = 0; i < 4; i++) seen.push((await answer('/sick')).failure);
    expect(seen).toEqual(['reset', 'reset', 'reset', 'breaker_open']);
    const opened = await endpointOf('sick', sick.port);
    expect(opened).toMatchObject({
      state: 'ejected',
      why: '3 failures in a row, the last was reset',
      consecutive_failures: 3,
    });
    const asked = sick.requests.length;
    sick.use((request, reply) => answerAs('sick', request, reply));
    await until(
      () => answer('/sick'),
      ({ status }) => status === 200,
    );
    expect(sick.requests.length).toBe(asked + 1);
    expect((await endpointOf('sick', sick.port)).state).toBe('available');
    await until(
      () => [said('sick', 'takes no more requests'), said('sick', 'takes requests again')],
      ([opened, closed]) => opened === 1 && closed === 1,
    );
  });

  it('502 to 504 open it when they are half of twenty; 501 and 500 never do', async () => {
    for (const status of [500, 501]) {
      sick.use((_, reply) => reply.send(status));
      for (let i = 0; i < 40; i++) expect((await ask(router.port, get('/sick'))).status).toBe(status);
    }
    sick.use((_, reply) => reply.send(503));
    const bodies = [];
    for (let i = 0; i < 21; i++) bodies.push((await ask(router.port, get('/busy'))).text);
    expect(bodies.slice(0, 20)).toEqual(Array(20).fill(''));
    expect(JSON.parse(bodies[20] ?? '')).toMatchObject({ failure: 'breaker_open' });
    expect((await endpointOf('busy', sick.port)).why).toBe('20 of the last 20 answers were 502, 503 or 504');
  });

  it('clients that leave never count, not even as the one that decides', async () => {
    sick.use((_, reply) => reply.takeOver());
    for (let i = 0; i < 8; i++) {
      const before = sick.requests.length;
      const client = await RawClient.connect(router.port);
      client.send(get('/sick'));
      await sick.request(before);
      client.destroy();
    }
    sick.use((request, reply) => answerAs('sick', request, reply));
    expect((await answer('/sick')).status).toBe(200);
    expect((await endpointOf('sick', sick.port)).consecutive_failures).toBe(0);
  });
});

describe('health checks', () => {
  const isCheck = ({ target }: { target: string }): boolean => target.endsWith('/up?deep=1');

  it('ask each endpoint in the way of requests, and are counted nowhere', async () => {
    const from = checked.requests.length;
    await until(
      () => checked.requests.slice(from).filter(isCheck).length,
      (count) => count > 3,
    );
    const check = checked.requests.slice(from).find(isCheck);
    expect(check).toMatchObject({ method: 'GET' });
    expect(check?.header('host')).toBe(`127.0.0.1:${checked.port}`);
    expect(check?.header('user-agent')).toMatch(/^banyan\/\S+ \(health check\)$/);
    expect(
      await router.metric('banyan_backend_attempts_total', { route: 'checked', backend: 'checked' }),
    ).toBe(0);
    expect(router.logs().filter((line) => String(line['path']).includes('/up'))).toEqual([]);
  });

  it('take an endpoint out that says it is not well, and bring it back', async () => {
    checked.use((request, reply) => {
      if (isCheck(request)) reply.send(503);
      else reply.send(200, ['X-Answered-By: checked']);
    });
    const unhealthy = await stateOf('checked', checked.port, 'unhealthy');
    expect(unhealthy.why).toBe('it answered 503');
    await stateOf('single', checked.port, 'unhealthy');
    for (let i = 0; i < 30; i++) expect((await answer('/checked')).by).toBe('one');
    expect(await answer('/single')).toMatchObject({ status: 503, failure: 'no_endpoint' });
    expect(await router.metric('banyan_backend_endpoints', { backend: 'checked', state: 'unhealthy' })).toBe(
      1,
    );
    // Two endpoints, both unhealthy: then the check is not believed.
    await stateOf('both', checked.port, 'unhealthy');
    expect((await answer('/both')).status).toBe(200);
    checked.use((request, reply) => answerAs('checked', request, reply));
    await stateOf('checked', checked.port, 'available');
    await until(
      () => answer('/checked'),
      ({ by }) => by === 'checked',
    );
    await until(
      () => [said('checked', 'unhealthy by its checks'), said('checked', 'healthy again')],
      // A check that a busy machine answered late would be one more of each.
      ([bad = 0, good]) => bad > 0 && bad === good,
    );
  });

  it('end with their backend', async () => {
    const routes = `legacy: ${two.url}\n`;
    await router.edit(routes);
    await sleep(300);
    const from = checked.requests.length;
    await sleep(500);
    expect(checked.requests.slice(from).filter(isCheck)).toEqual([]);
  });
});
