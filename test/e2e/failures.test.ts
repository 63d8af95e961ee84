import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Failure, retryAfterOf, statusOf } from '../../src/model/failure.ts';
import { RawBackend, type RawReply, type RawRequest } from '../support/raw-backend.ts';
import { ask, get, type RawAnswer, RawClient } from '../support/raw-client.ts';
import { type LogLine, type RunningRouter, startRouter } from '../support/start-router.ts';
import { until, within } from '../support/until.ts';
import { CASES, type Case } from './failures/failure-cases.ts';

/** Each failure of docs/failures.md: what the client sees, what is counted, what is logged. */

let backend: RawBackend;
/** Accepts, and never says or reads anything. */
let silent: net.Server;
let router: RunningRouter;
let deadPort: number;

function misbehave({ target }: RawRequest, reply: RawReply): void {
  if (target.startsWith('/reset')) reply.reset();
  else if (target.startsWith('/garbage')) reply.write('SSH-2.0-OpenSSH_9\r\n');
  else if (target.startsWith('/hang') || target.startsWith('/deadline') || target.startsWith('/full'))
    reply.takeOver();
  else if (target.startsWith('/half')) {
    reply.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    if (target.endsWith('reset')) reply.reset();
    else if (target.endsWith('fin')) reply.end();
    else reply.takeOver();
  } else if (target.startsWith('/chunks')) {
    reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    if (target.endsWith('reset')) reply.reset();
    else if (target.endsWith('fin')) reply.end();
    else if (target.endsWith('garbage')) reply.write('zz\r\n');
    else reply.takeOver();
  } else reply.send(200, [], target);
}

beforeAll(async () => {
  backend = await RawBackend.start(misbehave);
  const dead = await RawBackend.start(misbehave);
  deadPort = dead.port;
  await dead.stop();
  silent = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const silentPort = (silent.address() as net.AddressInfo).port;
  router = await startRouter(
    `
legacy:
  url: ${backend.url}
  timeouts:
    response: 400ms
    idle: 400ms
features:
  refused:
    url: http://127.0.0.1:${deadPort}
    hold_while_down: 0s
    breaker: false
  nowhere:
    url: http://nobody.invalid
    hold_while_down: 0s
  plain:
    url: https://127.0.0.1:${backend.port}
    hold_while_down: 0s
  silent:
    url: https://127.0.0.1:${silentPort}
    hold_while_down: 0s
    timeouts:
      connect: 400ms
  stuck:
    url: http://127.0.0.1:${silentPort}
    timeouts:
      idle: 400ms
  full:
    url: ${backend.url}
    max_in_flight: 1
routes:
  - match:
      prefix: /refused
    to: refused
  - match:
      prefix: /nowhere
    to: nowhere
  - match:
      prefix: /plain
    to: plain
  - match:
      prefix: /silent
    to: silent
  - match:
      prefix: /stuck
    to: stuck
  - match:
      prefix: /full
    to: full
  - name: deadline
    match:
      prefix: /deadline
    to: legacy
    deadline: 400ms
  - name: small
    match:
      prefix: /small
    to: legacy
    max_body: 10
  - name: by-query
    match:
      prefix: /query
      query:
        action: orders
    to: full
`,
    { flags: ['--header-timeout', '400ms', '--body-timeout', '400ms'] },
  );
});

afterAll(async () => {
  await router.stop('SIGKILL');
  await backend.stop();
  silent.close();
});

/** Nothing that names what lies behind. */
function expectNoAddress(answer: RawAnswer): void {
  const everything = `${answer.headers.join('\n')}\n${answer.text}`;
  expect(everything).not.toMatch(/127\.0\.0\.1|nobody\.invalid|ECONN|ENOTFOUND|\bat \w+ \(|node:/);
  expect(everything).not.toContain(String(backend.port));
  expect(everything).not.toContain(String(deadPort));
}

function expectProblem(answer: RawAnswer, failure: Failure): string {
  const status = statusOf(failure);
  expect(answer.status).toBe(status);
  expect(answer.header('content-type')).toBe('application/problem+json');
  const problem = JSON.parse(answer.text) as { request_id: string };
  expect(problem).toMatchObject({
    type: 'about:blank',
    title: answer.reason,
    status,
    failure,
    detail: expect.any(String),
  });
  expect(answer.header('x-request-id')).toBe(problem.request_id);
  expect(answer.header('cache-control')).toBe('no-store');
  expect(answer.header('retry-after')).toBe(retryAfterOf(failure)?.toString());
  expectNoAddress(answer);
  return problem.request_id;
}

async function logOf(requestId: string): Promise<LogLine> {
  return within(
    2_000,
    'a log line',
    router.log((line) => line['request_id'] === requestId),
  );
}

it.each(CASES.map((one, index) => [one.failure, index, one] as const))(
  '%s (case %i)',
  async (failure, _, one) => {
    const counted = (): Promise<number[]> =>
      Promise.all(seriesOf(one).map(([name, labels]) => router.metric(name, labels)));
    const before = await counted();
    const from = performance.now();
    const answer = await within(3_000, 'an answer', ask(router.port, one.request));
    const tookMs = performance.now() - from;
    const requestId = expectProblem(answer, failure);
    if (one.afterMs !== undefined) {
      expect(tookMs).toBeGreaterThan(one.afterMs - 20);
      expect(tookMs).toBeLessThan(one.afterMs + 400);
    }
    const line = await logOf(requestId);
    expect(line).toMatchObject({ failure, status: statusOf(failure), route: one.route ?? null });
    await until(counted, (now) => now.every((value, i) => value === before[i]! + 1), { what: 'the count' });
  },
);

/** The series that count a case. */
function seriesOf({ failure, route, backend: name, isRejected }: Case): [string, Record<string, string>][] {
  if (isRejected) return [['banyan_rejected_requests_total', { reason: failure }]];
  const series: [string, Record<string, string>][] = [
    ['banyan_requests_total', { route: route!, code: String(statusOf(failure)) }],
  ];
  if (name !== undefined)
    series.push([
      'banyan_backend_attempts_total',
      { route: route!, backend: name, purpose: 'serve', result: failure },
    ]);
  return series;
}

it('idle_timeout before the head: a backend that takes nothing of an upload', async () => {
  const client = await RawClient.connect(router.port);
  const size = 64 * 1024 * 1024;
  client.send(`POST /stuck HTTP/1.1\r\nHost: shop\r\nContent-Length: ${size}\r\n\r\n`);
  const piece = Buffer.alloc(64 * 1024);
  void client.sendSlowly(Array.from({ length: size / piece.length }, () => piece));
  const answer = await within(5_000, 'an answer', client.readAnswer('POST'));
  expectProblem(answer, 'idle_timeout');
  client.destroy();
});

it('over_capacity: 503, Retry-After, and the place is given back', async () => {
  const first = await RawClient.connect(router.port);
  const from = backend.requests.length;
  first.send(get('/full/hang'));
  await backend.request(from);
  expectProblem(await ask(router.port, get('/full')), 'over_capacity');
  first.reset();
  await until(
    async () => (await ask(router.port, get('/query?action=orders'))).status,
    (status) => status === 200,
  );
});

describe('an answer that breaks after its head', () => {
  it.each([
    ['/half/reset', 'reset'],
    ['/half/fin', 'reset'],
    ['/half/silence', 'idle_timeout'],
    ['/chunks/reset', 'reset'],
    ['/chunks/fin', 'reset'],
    ['/chunks/garbage', 'bad_response'],
    ['/chunks/silence', 'idle_timeout'],
  ])('%s is cut, so that nobody takes it for whole: %s', async (target, failure) => {
    const from = performance.now();
    const answer = await ask(router.port, get(target));
    expect(answer).toMatchObject({ status: 200, text: 'half', complete: false });
    expect(performance.now() - from).toBeLessThan(900);
    const line = await within(
      2_000,
      'a log line',
      router.log((entry) => entry['path'] === target),
    );
    expect(line).toMatchObject({ status: 200, failure });
  });
});

describe('who likes text better gets text', () => {
  it.each([
    ['text/plain', true],
    ['text/html,application/xhtml+xml,*/*;q=0.8', true],
    ['application/json', false],
    ['application/problem+json, text/plain;q=0.5', false],
    ['*/*', false],
  ])('Accept: %s', async (accept, isText) => {
    const answer = await ask(router.port, get('/refused', [`Accept: ${accept}`]));
    expect(answer.status).toBe(502);
    if (isText) {
      expect(answer.header('content-type')).toBe('text/plain; charset=utf-8');
      expect(answer.text).toContain('connect_refused');
      expect(answer.text).toContain(answer.header('x-request-id'));
      expectNoAddress(answer);
    } else expectProblem(answer, 'connect_refused');
  });
});

it('a failed HEAD has the head of the problem, and no body', async () => {
  const client = await RawClient.connect(router.port);
  client.send(`HEAD /refused HTTP/1.1\r\nHost: shop\r\n\r\n${get('/after')}`);
  const answer = await client.readAnswer('HEAD');
  expect([answer.status, answer.header('content-type')]).toEqual([502, 'application/problem+json']);
  expect((await client.readAnswer()).text).toBe('/after');
  client.destroy();
});
