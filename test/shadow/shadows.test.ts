import { afterEach, describe, expect, test, vi } from 'vitest';
import { createHeldBytes } from '../../src/live/held-bytes.ts';
import type { ShadowPair } from '../../src/model/shadow.ts';
import { type Answer, readBody, type SentCopy, ShadowDesk, say, turn } from './shadow-desk.ts';

afterEach(() => void vi.useRealTimers());

const POST = { method: 'POST', target: '/orders?a=1', body: ['one', 'two'] };

describe('what is served', () => {
  test('passes as it came, at the same moment, in both directions', async () => {
    const { client, served } = new ShadowDesk().watch({ ...POST, trailers: ['X-T', '1'] });
    expect([served.head, served.traits, served.peer]).toEqual([client.head, client.traits, client.peer]);
    expect([served.startedAt, served.body.length]).toEqual([client.startedAt, 6]);
    const pieces: string[] = [];
    await new Promise<void>((resolve) =>
      served.body.read({
        chunk: (bytes) => {
          pieces.push(bytes.toString());
          served.body.pause();
          expect(client.body.isPaused).toBe(true);
          setImmediate(() => served.body.resume());
        },
        end: (trailers) => {
          expect(trailers).toEqual(['X-T', '1']);
          resolve();
        },
        fail: () => {},
      }),
    );
    expect(pieces).toEqual(['one', 'two']);
    client.answer.isSlow = true;
    served.answer.informational(103, 'Early Hints', ['Link', '</a>']);
    expect(client.answer.informationals).toEqual([{ status: 103, headers: ['Link', '</a>'] }]);
    const head = { status: 200, reason: 'OK', headers: ['X-A', '1'], bodyLength: null };
    served.answer.head(head);
    expect(client.answer.headOfAnswer).toBe(head);
    expect(served.answer.chunk(Buffer.from('hello'))).toBe(false);
    const calls: string[] = [];
    served.answer.onDrain = () => void calls.push('drain');
    served.answer.onFinish = () => void calls.push('finish');
    served.onClientGone = () => void calls.push('gone');
    client.answer.onDrain?.();
    served.answer.end(['X-B', '2']);
    expect([client.answer.text, client.answer.trailers]).toEqual(['hello', ['X-B', '2']]);
    await turn();
    client.leave();
    expect(calls).toEqual(['drain', 'finish', 'gone']);
  });

  test('is whole before anything is sent: nobody waits for a copy', async () => {
    const desk = new ShadowDesk();
    const { client, served } = desk.watch();
    say(served);
    expect(client.answer.trailers).toEqual([]);
    expect(desk.sent).toHaveLength(0);
    await turn();
    expect(desk.sent).toHaveLength(1);
  });

  test('is the exchange itself, unwatched, where there is no room', () => {
    const desk = new ShadowDesk({}, { maxBuffered: 100 });
    const { client, served } = desk.watch();
    expect(served).toBe(client);
    expect(desk.outcomes).toEqual(['dropped']);
  });
});

describe('a copy', () => {
  test('says what the client said, but for Expect', async () => {
    const desk = new ShadowDesk({ writes: ['POST'] });
    const headers = ['Host', 'shop.test', 'Expect', '100-continue', 'X-A', '1', 'Content-Length', '6'];
    await desk.serve({ ...POST, headers, expectsContinue: true, trailers: ['X-T', '1'] });
    const { exchange, decision } = desk.sent[0] as SentCopy;
    expect(decision).toBe(desk.plan.copy);
    expect(exchange.head).toEqual({
      method: 'POST',
      target: '/orders?a=1',
      minorVersion: 1,
      headers: ['Host', 'shop.test', 'X-A', '1', 'Content-Length', '6'],
    });
    expect([exchange.expectsContinue, exchange.upgrade, exchange.body.length]).toEqual([false, null, 6]);
    expect(await readBody(exchange)).toBe('onetwo');
  });

  test('has its body in chunks where the client had; it waits where it is told to', async () => {
    const desk = new ShadowDesk({ writes: ['POST'] });
    await desk.serve({ ...POST, length: null });
    const { exchange } = desk.sent[0] as SentCopy;
    expect(exchange.body.length).toBeNull();
    const heard: string[] = [];
    exchange.body.read({
      chunk: (bytes) => {
        heard.push(bytes.toString());
        exchange.body.pause();
      },
      end: () => void heard.push('end'),
      fail: () => {},
    });
    expect(heard).toEqual(['onetwo']);
    exchange.body.resume();
    exchange.body.resume();
    expect(heard).toEqual(['onetwo', 'end']);
  });

  test('goes on when the client leaves after its answer, and tells it nothing', async () => {
    const desk = new ShadowDesk();
    const client = await desk.serve();
    client.leave();
    expect(desk.sent[0]?.hasLeft).toBe(false);
    say((desk.sent[0] as SentCopy).exchange, { headers: ['Set-Cookie', 'shadow=1'], body: ['other'] });
    expect([client.answer.text, client.answer.headOfAnswer?.headers]).toEqual([
      'hello',
      ['Content-Type', 'text/plain'],
    ]);
    expect(desk.outcomes).toEqual(['answered']);
  });

  test('comes with both answers before the judge; its memory is free when the judge says so', async () => {
    const desk = new ShadowDesk();
    desk.onSend = ({ exchange }) => {
      desk.now += 30;
      say(exchange, { status: 201, headers: ['X-B', '2'], body: ['oth', 'er'] });
    };
    const { served } = desk.watch({ target: '/orders?a=1' });
    desk.now += 20;
    say(served);
    await turn();
    expect(desk.judged).toMatchObject([
      {
        feature: { name: 'orders' },
        route: { name: 'orders' },
        servedBy: 'legacy',
        requestId: 'request-1',
        time: 42,
        method: 'GET',
        target: '/orders?a=1',
        legacyAgain: null,
      },
    ] satisfies [Partial<Record<keyof ShadowPair, unknown>>]);
    const { legacy, own } = desk.judged[0] as ShadowPair;
    expect(legacy).toEqual({
      failure: null,
      status: 200,
      headers: ['Content-Type', 'text/plain'],
      body: Buffer.from('hello'),
      noBody: null,
      latencyMs: 20,
    });
    expect(own).toMatchObject({ status: 201, body: Buffer.from('other'), latencyMs: 30 });
    expect(desk.ends[0]).toMatchObject({ outcome: 'answered', durationRatio: 1.5 });
    expect(desk.shadows.memory.held).toBeGreaterThan(0);
    desk.releases[0]?.();
    desk.releases[0]?.();
    expect(desk.shadows.memory.held).toBe(0);
  });

  test('of what the feature served stands on the other side of the pair', async () => {
    const desk = new ShadowDesk({}, { stage: 'live' });
    desk.onSend = ({ exchange }) => say(exchange, { body: ['of legacy'] });
    await desk.serve({}, { body: ['of the feature'] });
    const { servedBy, legacy, own } = desk.judged[0] as ShadowPair;
    expect([servedBy, String(legacy.body), String(own.body)]).toEqual([
      'feature',
      'of legacy',
      'of the feature',
    ]);
  });

  test('has legacy asked once more for noise, and is judged when both have answered', async () => {
    const desk = new ShadowDesk({ noise: 1 });
    await desk.serve({}, {}, true);
    expect(desk.sent.map(({ decision }) => decision.copy)).toEqual(['shadow', 'noise']);
    const [copy, again] = desk.sent as [SentCopy, SentCopy];
    say(copy.exchange, { body: ['copy'] });
    expect(desk.judged).toHaveLength(0);
    say(again.exchange, { body: ['again'] });
    expect(String(desk.judged[0]?.legacyAgain?.body)).toBe('again');
    expect(desk.outcomes).toEqual(['answered']);
  });
});

describe('skipped', () => {
  test.each<[string, string, Partial<Answer>]>([
    ['a part', 'partial', { status: 206 }],
    ['an answer that the client has', 'partial', { status: 304, body: [] }],
    ['an event stream', 'stream', { headers: ['Content-Type', 'text/event-stream'], length: null }],
    ['an answer that says that it is too long', 'too_large', { body: ['hello!'] }],
    ['an answer that turns out to be too long', 'too_large', { body: ['hel', 'lo!'], length: null }],
  ])('%s: %s', async (_, why, answer) => {
    const desk = new ShadowDesk({ maxBody: 5 });
    const client = await desk.serve({}, answer);
    expect(client.answer.text).toBe((answer.body ?? ['hello']).join(''));
    expect([desk.outcomes, desk.sent, desk.shadows.memory.held]).toEqual([[`skipped ${why}`], [], 0]);
  });

  test('a request that turns out to be too long', async () => {
    const desk = new ShadowDesk({ writes: ['POST'], maxBody: 5 });
    const { served } = desk.watch({ ...POST, length: null });
    expect(await readBody(served)).toBe('onetwo');
    say(served);
    expect(desk.outcomes).toEqual(['skipped too_large']);
  });

  test('what was answered before the request was whole', async () => {
    const desk = new ShadowDesk({ writes: ['POST'] });
    const { served } = desk.watch({ ...POST, holdBody: true });
    served.body.read({ chunk: () => {}, end: () => {}, fail: () => {} });
    say(served, { status: 413 });
    await turn();
    expect([desk.outcomes, desk.sent]).toEqual([['skipped partial'], []]);
  });

  test('what another side answered, what failed, what broke off, and what a client did not wait for', async () => {
    const desk = new ShadowDesk();
    const turned = desk.watch();
    turned.served.otherSideAsked?.();
    say(turned.served);
    const failed = desk.watch();
    expect(failed.served.answer.fail('reset', 'id')).toBe(0);
    expect(failed.client.answer.failure).toBe('reset');
    const cut = desk.watch();
    cut.served.answer.head({ status: 200, reason: '', headers: [], bodyLength: 9 });
    cut.served.answer.cut();
    expect(cut.client.answer.wasCut).toBe(true);
    const left = desk.watch();
    const gone = vi.fn();
    left.served.onClientGone = gone;
    left.client.leave();
    expect(gone).toHaveBeenCalledOnce();
    await turn();
    expect(desk.outcomes).toEqual(['skipped fallback', 'skipped failed', 'skipped failed', 'skipped failed']);
    expect([desk.sent, desk.shadows.memory.held]).toEqual([[], 0]);
  });
});

describe('limits', () => {
  test('copies above max_in_flight are dropped, each answer gives its place back', async () => {
    const desk = new ShadowDesk({ maxInFlight: 2 });
    for (let i = 0; i < 4; i++) await desk.serve();
    expect([desk.sent.length, desk.outcomes]).toEqual([2, ['dropped', 'dropped']]);
    for (const { exchange } of desk.sent) say(exchange);
    for (const release of desk.releases) release();
    await desk.serve();
    expect(desk.sent).toHaveLength(3);
  });

  test('a place that is gone by the time of the answer drops the copy too', async () => {
    const desk = new ShadowDesk({ maxInFlight: 1 });
    const late = desk.watch();
    await desk.serve();
    say(late.served);
    await turn();
    expect([desk.sent.length, desk.outcomes]).toEqual([1, ['dropped']]);
  });

  test('noise takes a place of its own, and goes without where there is none', async () => {
    const desk = new ShadowDesk({ maxInFlight: 1, noise: 1 });
    await desk.serve({}, {}, true);
    expect(desk.sent.map(({ decision }) => decision.copy)).toEqual(['shadow']);
    say((desk.sent[0] as SentCopy).exchange);
    expect(desk.judged[0]?.legacyAgain).toBeNull();
  });

  test('what all shadows hold is capped; beyond it copies are dropped and what is served goes on', async () => {
    const desk = new ShadowDesk({ maxInFlight: 0 }, { maxBuffered: 40_000 });
    const body = ['x'.repeat(10_000)];
    const clients = [
      await desk.serve({}, { body }),
      await desk.serve({}, { body }),
      await desk.serve({}, { body }),
    ];
    expect(clients.map(({ answer }) => answer.text.length)).toEqual([10_000, 10_000, 10_000]);
    expect(desk.shadows.memory.held).toBeLessThanOrEqual(40_000);
    expect(desk.outcomes).toEqual(['dropped']);
    say((desk.sent[0] as SentCopy).exchange, { body });
    expect(desk.judged[0]?.own).toMatchObject({ status: 200, body: null, noBody: 'no_room' });
    expect(desk.sent[0]?.hasLeft).toBe(true);
    say((desk.sent[1] as SentCopy).exchange, { body: [] });
    for (const release of desk.releases) release();
    expect(desk.shadows.memory.held).toBe(0);
  });

  test('what copies hold counts for everyone, and what everyone holds leaves copies that much less', async () => {
    const memory = createHeldBytes(30_000);
    const desk = new ShadowDesk({ maxInFlight: 0 }, { memory });
    await desk.serve();
    expect(memory.held).toBe(desk.shadows.memory.held);
    memory.hold(20_000);
    await desk.serve();
    expect(desk.outcomes).toEqual(['dropped']);
    say((desk.sent[0] as SentCopy).exchange, { body: [] });
    desk.releases[0]?.();
    expect([memory.held, desk.shadows.memory.held]).toEqual([20_000, 0]);
  });

  test('a copy that takes too long fails, and its work ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const desk = new ShadowDesk({ timeoutMs: 10_000 });
    await desk.serve();
    const copy = desk.sent[0] as SentCopy;
    copy.exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
    vi.advanceTimersByTime(9_999);
    copy.exchange.answer.chunk(Buffer.from('drip'));
    expect([copy.hasLeft, desk.judged]).toEqual([false, []]);
    vi.advanceTimersByTime(1);
    expect(copy.hasLeft).toBe(true);
    expect(desk.judged[0]?.own).toMatchObject({
      failure: 'deadline',
      status: 200,
      body: null,
      noBody: 'broken',
    });
    expect(desk.ends[0]).toMatchObject({ outcome: 'failed', durationRatio: null });
  });

  test('an answer to a copy that is too long is given up, and judged without its body', async () => {
    const desk = new ShadowDesk({ maxBody: 5 });
    await desk.serve();
    const copy = desk.sent[0] as SentCopy;
    copy.exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
    expect(copy.exchange.answer.chunk(Buffer.from('hello!'))).toBe(true);
    expect(copy.hasLeft).toBe(true);
    expect(desk.judged[0]?.own).toMatchObject({
      failure: null,
      status: 200,
      body: null,
      noBody: 'too_large',
    });
    copy.exchange.answer.chunk(Buffer.from('more'));
    copy.exchange.answer.end([]);
    expect(desk.judged).toHaveLength(1);
  });

  test('a copy that fails, or is cut, is judged as that', async () => {
    const desk = new ShadowDesk();
    desk.onSend = ({ exchange }) => {
      if (desk.sent.length === 1) exchange.answer.fail('connect_refused', 'id');
      else {
        exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: 9 });
        exchange.answer.cut();
      }
    };
    await desk.serve();
    await desk.serve();
    expect(desk.judged.map(({ own }) => [own.failure, own.status])).toEqual([
      ['connect_refused', 0],
      ['reset', 200],
    ]);
    expect(desk.outcomes).toEqual(['failed', 'failed']);
    expect(desk.shadows.memory.held).toBeGreaterThan(0);
  });
});

describe('a fault of our own', () => {
  test('in judging ends the copy and frees its memory', async () => {
    const desk = new ShadowDesk();
    desk.onSend = ({ exchange }) => say(exchange);
    desk.onJudge = () => {
      throw new Error('judge');
    };
    await desk.serve();
    expect([desk.faults, desk.shadows.memory.held]).toEqual([[new Error('judge')], 0]);
  });

  test('in sending ends the copy and gives its place back', async () => {
    const desk = new ShadowDesk({ maxInFlight: 1 });
    desk.onSend = () => {
      throw new Error('send');
    };
    await desk.serve();
    await desk.serve();
    expect(desk.faults).toEqual([new Error('send'), new Error('send')]);
    expect(desk.outcomes).toEqual(['failed', 'failed']);
  });
});

test('at the end every copy is given up, and none is made any more', async () => {
  const desk = new ShadowDesk();
  await desk.serve();
  desk.shadows.close();
  expect([desk.sent[0]?.hasLeft, desk.judged, desk.shadows.memory.held]).toEqual([true, [], 0]);
  const client = await desk.serve();
  expect([client.answer.text, desk.sent.length]).toEqual(['hello', 1]);
});

test('a copy that was to be sent next is given up with the rest', async () => {
  const desk = new ShadowDesk();
  const { served } = desk.watch({}, true);
  say(served);
  desk.shadows.close();
  await turn();
  expect([desk.sent, desk.judged, desk.shadows.memory.held]).toEqual([[], [], 0]);
});
