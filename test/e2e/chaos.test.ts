import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClosedEarly } from '../support/byte-reader.ts';
import { RawBackend, type RawReply, type RawRequest } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/**
 * Backends that break in every way and clients that leave at every moment, all at once. Whatever happens, an answer
 * that a client reads whole is the answer to its own request, no POST is done twice, and nothing is left in flight.
 */

const BREAKS = [
  'none',
  'none',
  'none',
  'chunked',
  'close',
  'extra',
  'half',
  'silent-end',
  'reset',
  'garbage',
  'early',
  'slow',
  'informational',
] as const;
const LEAVES = ['stay', 'stay', 'stay', 'stay', 'at-once', 'mid-upload', 'soon'] as const;

interface Plan {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly size: number;
  readonly chunked: boolean;
  readonly breaks: (typeof BREAKS)[number];
  readonly leaves: (typeof LEAVES)[number];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  size: fc.oneof(fc.nat(50), fc.nat(200_000)),
  chunked: fc.boolean(),
  breaks: fc.constantFrom(...BREAKS),
  leaves: fc.constantFrom(...LEAVES),
});

const done = new Map<string, number>();
let backends: RawBackend[];
let router: RunningRouter;

async function answer(request: RawRequest, reply: RawReply): Promise<void> {
  const [, token = '', breaks = 'none'] = request.target.split('/');
  if (request.method !== 'GET') done.set(token, (done.get(token) ?? 0) + 1);
  if (breaks === 'early') {
    reply.send(200, ['Connection: close'], `${token} early`);
    reply.end();
    return;
  }
  const body = `${token} ${(await request.body()).length}`;
  if (breaks === 'chunked')
    reply.write(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    );
  else if (breaks === 'close') {
    reply.write(`HTTP/1.1 200 OK\r\n\r\n${body}`);
    reply.end();
  } else if (breaks === 'extra')
    reply.write(
      `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray`,
    );
  else if (breaks === 'stray') {
    reply.send(200, [], body);
    setTimeout(() => reply.socket.writable && reply.send(200, [], 'stray'), 3);
  } else if (breaks === 'half') {
    reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length + 10}\r\n\r\n${body}`);
    reply.end();
  } else if (breaks === 'silent-end') reply.end();
  else if (breaks === 'reset') reply.reset();
  else if (breaks === 'garbage') reply.write('\x00\x01 nonsense\r\n\r\n');
  else if (breaks === 'slow') {
    reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
    reply.write(body.slice(1));
  } else if (breaks === 'informational') {
    reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    reply.send(200, [], body);
  } else reply.send(200, [], body);
}

/** A request of this plan; returns what was wrong with its answer, or null. */
async function play(
  client: RawClient,
  token: string,
  { method, size, chunked, breaks, leaves }: Plan,
): Promise<string | null> {
  const length = method === 'GET' ? 0 : size;
  const body = 'x'.repeat(length);
  const framing =
    method === 'GET' ? '' : chunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${length}\r\n`;
  const framed =
    method === 'GET'
      ? ''
      : chunked
        ? `${length === 0 ? '' : `${length.toString(16)}\r\n${body}\r\n`}0\r\n\r\n`
        : body;
  const head = `${method} /${token}/${breaks} HTTP/1.1\r\nHost: shop.test\r\n${framing}\r\n`;
  client.send(head + (leaves === 'mid-upload' ? framed.slice(0, framed.length >> 1) : framed));
  if (leaves === 'soon') await new Promise((resolve) => setTimeout(resolve, 2));
  if (leaves !== 'stay') {
    client.reset();
    return null;
  }
  const got = await client.readAnswer(method);
  if (got.status !== 200 || !got.complete) return null;
  const expected = breaks === 'early' ? `${token} early` : `${token} ${length}`;
  return got.text === expected ? null : `${method} ${breaks}: wanted ${expected}, got ${got.text}`;
}

/** One client that goes through plans on one connection, and a new one whenever that is gone. */
async function runClient(name: string, plans: readonly Plan[]): Promise<string[]> {
  const wrong: string[] = [];
  let client = await RawClient.connect(router.url);
  for (const [i, one] of plans.entries()) {
    if (client.socket.destroyed || client.socket.readableEnded) client = await RawClient.connect(router.url);
    try {
      const problem = await play(client, `${name}-${i}`, one);
      if (problem !== null) wrong.push(problem);
    } catch (error) {
      if (!(error instanceof ClosedEarly)) throw error;
      client.destroy();
    }
  }
  client.destroy();
  return wrong;
}

beforeAll(async () => {
  backends = [await RawBackend.start(answer), await RawBackend.start(answer)];
  router = await startRouter(
    `legacy:\n  urls: [${backends.map((backend) => `"${backend.url}"`).join(', ')}]\n  timeouts: { connect: 1s, response: 2s, idle: 2s }\n`,
  );
});

afterAll(async () => {
  await router.stop();
  for (const backend of backends) await backend.stop();
});

it('never mixes answers, never does a POST twice, never leaves anything in flight', {
  timeout: 60_000,
}, async () => {
  const plans = fc.sample(fc.array(plan, { minLength: 60, maxLength: 60 }), { numRuns: 16, seed: 20 });
  const wrong = await Promise.all(plans.map((list, i) => runClient(`c${i}`, list)));
  expect(wrong.flat()).toEqual([]);
  const twice = [...done].filter(([, count]) => count > 1);
  expect(twice).toEqual([]);
  expect(done.size).toBeGreaterThan(100);
  await expect.poll(async () => inFlight(await router.metrics()), { timeout: 5_000 }).toBe(0);
  expect(router.logs().filter((line) => /uncaught|unhandled|internal/.test(JSON.stringify(line)))).toEqual(
    [],
  );
});

/** Sum of the gauge over all routes and backends. */
function inFlight(metrics: string): number {
  const values = [...metrics.matchAll(/^banyan_requests_in_flight\{[^}]*\} (\d+)$/gm)];
  if (values.length === 0) throw new Error('no gauge');
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
