import { afterEach, describe, expect, it } from 'vitest';
import { RawBackend, type RawReply, type RawRequest, type Script } from '../support/raw-backend.ts';
import { FALLBACK, TwoSides, type TwoSidesOptions } from './two-sides.ts';

const open: { stop(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function backend(script: Script): Promise<RawBackend> {
  const started = await RawBackend.start(script);
  open.push(started);
  return started;
}

const fromLegacy: Script = async (request, reply) => {
  const body = (await request.body()).toString('latin1');
  reply.send(200, ['X-From: legacy'], request.method === 'HEAD' ? '' : `legacy ${body}`);
};

interface Shop {
  readonly sides: TwoSides;
  readonly feature: RawBackend;
  readonly legacy: RawBackend;
}

async function shop(
  script: Script,
  options: Partial<TwoSidesOptions> = {},
  onLegacy = fromLegacy,
): Promise<Shop> {
  const feature = await backend(script);
  const legacy = await backend(onLegacy);
  const sides = new TwoSides({ feature: [feature.port], legacy: [legacy.port], ...options });
  open.unshift(sides);
  return { sides, feature, legacy };
}

/** A port that nothing listens on. */
async function deadPort(): Promise<number> {
  const started = await RawBackend.start(() => {});
  const { port } = started;
  await started.stop();
  return port;
}

const status =
  (code: number): Script =>
  async (request, reply) => {
    await request.body();
    reply.send(code, ['X-From: feature'], 'feature');
  };
const reset = (_request: RawRequest, reply: RawReply): void => reply.reset();
const dieInHead = (_request: RawRequest, reply: RawReply): void => {
  reply.write('HTTP/1.1 200 OK\r\nX-');
  reply.reset();
};
const hang = (_request: RawRequest, reply: RawReply): void => reply.takeOver();
const nonsense = (_request: RawRequest, reply: RawReply): void => reply.write('nonsense\r\n\r\n');

describe('legacy answers a GET in the feature’s place', () => {
  it.each<[string, Script, string, number | string]>([
    ['501', status(501), '501', 501],
    ['502', status(502), '502', 502],
    ['503', status(503), '503', 503],
    ['504', status(504), '504', 504],
    ['a reset', reset, 'reset', 'reset'],
    ['a broken answer', nonsense, 'bad_response', 'bad_response'],
    ['silence', hang, 'timeout', 'response_timeout'],
    ['a head that breaks off', dieInHead, 'reset', 'reset'],
  ])('after %s', async (_what, script, word, hidden) => {
    const { sides, feature } = await shop(script, {
      policy: { timeouts: { connectMs: null, responseMs: 100, idleMs: null } },
    });
    const { answer } = await sides.send();
    expect(answer.headOfAnswer?.status).toBe(200);
    expect(answer.headOfAnswer?.headers).toContain('legacy');
    expect(answer.text).toBe('legacy ');
    expect(feature.requests.length).toBe(1);
    expect(sides.outcome).toMatchObject({
      status: 200,
      failure: null,
      attempts: 2,
      backend: 'legacy',
      fallback: word,
      hidden,
    });
    expect(sides.outcome.decision).toMatchObject({ side: 'feature' });
    expect(sides.tries).toEqual([`orders serve ${hidden}`, 'legacy fallback 200']);
    expect(sides.endpoints.told).toEqual([`orders ${hidden}`, 'legacy 200']);
    expect(sides.endpoints.inFlight).toBe(0);
    expect(sides.capacity.snapshot().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
  });

  it.each(['dns', 'no_endpoint', 'breaker_open'] as const)(
    'when there is nothing to ask: %s',
    async (why) => {
      const { sides, feature } = await shop(status(200), { feature: why });
      expect((await sides.send()).answer.text).toBe('legacy ');
      expect(feature.requests.length).toBe(0);
      expect(sides.outcome).toMatchObject({ fallback: 'connect', hidden: why, attempts: 1 });
      expect(sides.capacity.snapshot().map(({ inFlight }) => inFlight)).toEqual([0, 0]);
    },
  );

  it('only after another endpoint was tried', async () => {
    const other = await backend(status(200));
    const { sides } = await shop(status(200), { feature: [await deadPort(), other.port] });
    expect((await sides.send()).answer.text).toBe('feature');
    expect(sides.outcome).not.toHaveProperty('fallback');
  });

  it('without holding the request for the feature', async () => {
    const { sides } = await shop(status(200), {
      feature: [await deadPort()],
      featureBackend: { holdWhileDownMs: 60_000 },
    });
    expect((await sides.send()).answer.text).toBe('legacy ');
    expect(sides.outcome.hidden).toBe('connect_refused');
  });
});

describe('an endpoint that just refused a connection', () => {
  it('is not tried: legacy answers at once', async () => {
    const { sides, feature } = await shop(status(200), { isRefusing: true });
    expect((await sides.send({ method: 'POST', body: ['order'] })).answer.text).toBe('legacy order');
    expect(feature.requests.length).toBe(0);
    expect(sides.outcome).toMatchObject({ fallback: 'connect', hidden: 'no_endpoint', attempts: 1 });
  });

  it.each<[string, Partial<TwoSidesOptions>]>([
    ['without a fallback', { block: { fallback: null } }],
    ['where `when` does not name that', { block: { fallback: { ...FALLBACK!, when: ['503'] } } }],
    ['while legacy takes no more', { legacyBackend: { maxInFlight: 1 } }],
  ])('is tried %s', async (_what, options) => {
    const { sides } = await shop(status(200), { isRefusing: true, ...options }, (request, reply) =>
      request.target === '/first' ? reply.takeOver() : fromLegacy(request, reply),
    );
    if (options.legacyBackend !== undefined) sides.start({ target: '/first' });
    expect((await sides.send()).answer.text).toBe('feature');
    expect(sides.outcome).not.toHaveProperty('fallbackSkipped');
  });
});

describe('a POST', () => {
  const post = { method: 'POST', body: ['ord', 'er'] };

  it('goes on with its body when the feature was not reached', async () => {
    const { sides, legacy } = await shop(status(200), { feature: [await deadPort()] });
    expect((await sides.send(post)).answer.text).toBe('legacy order');
    expect(legacy.requests.length).toBe(1);
  });

  it('goes on with its body after 501', async () => {
    const { sides } = await shop(status(501));
    expect((await sides.send(post)).answer.text).toBe('legacy order');
  });

  it('goes on with its body when 501 came before all of it', async () => {
    const { sides } = await shop((_request, reply) => reply.send(501));
    const exchange = sides.start({ ...post, length: null, holdBody: true });
    await until(() => sides.attempts.length === 1);
    exchange.body.finishBody();
    await exchange.answer.over;
    expect(exchange.answer.text).toBe('legacy order');
  });

  it.each<[string, Script]>([
    ['a reset', reset],
    ['503', status(503)],
    ['a broken answer', nonsense],
  ])('stays where it was after %s', async (_what, script) => {
    const { sides, legacy } = await shop(script);
    const { answer } = await sides.send(post);
    expect(legacy.requests.length).toBe(0);
    expect(answer.text).not.toContain('legacy');
    expect(sides.outcome).toMatchObject({ fallbackSkipped: 'method', backend: 'orders' });
    expect(sides.outcome).not.toHaveProperty('hidden');
  });

  it('goes on if its method is said to be repeatable', async () => {
    const { sides } = await shop(reset, { policy: { repeatable: ['POST'] } });
    expect((await sides.send(post)).answer.text).toBe('legacy order');
  });

  it('gets the feature’s own 501 when its body is too large to be kept', async () => {
    const { sides, legacy } = await shop(status(501), { block: { fallback: { ...FALLBACK!, maxBody: 4 } } });
    expect((await sides.send(post)).answer.text).toBe('feature');
    expect(legacy.requests.length).toBe(0);
    expect(sides.outcome).toMatchObject({ status: 501, fallbackSkipped: 'body' });
  });

  it('is streamed to legacy, however large, when the feature was not reached', async () => {
    const { sides, legacy } = await shop(status(200), {
      feature: [await deadPort()],
      block: { fallback: { ...FALLBACK!, maxBody: 4 } },
    });
    const large = 'x'.repeat(200_000);
    expect((await sides.send({ method: 'POST', body: [large, large] })).answer.text.length).toBe(400_007);
    expect(legacy.requests.length).toBe(1);
  });

  it('keeps its chunks and trailers', async () => {
    const { sides, legacy } = await shop(status(501));
    await sides.send({ ...post, length: null, trailers: ['X-Sum', '5'] });
    const [sent] = legacy.requests;
    expect(sent?.header('transfer-encoding')).toBe('chunked');
    expect(sent?.trailers).toEqual(['X-Sum', '5']);
  });

  it('that waits for 100 gets legacy’s', async () => {
    const { sides } = await shop(status(200), { feature: [await deadPort()] }, async (request, reply) => {
      reply.write('HTTP/1.1 100 Continue\r\n\r\n');
      reply.send(200, [], `legacy ${await request.body()}`);
    });
    const { answer } = await sides.send({ ...post, expectsContinue: true });
    expect(answer.text).toBe('legacy order');
  });
});

describe('what legacy gets', () => {
  it('is the client’s own request', async () => {
    const { sides, feature, legacy } = await shop(status(503), {
      prefix: '/api',
      policy: {
        rewrite: { kind: 'strip_prefix' },
        requestHeaders: { set: [['X-Feature', 'yes']], add: [], remove: [] },
      },
      legacyBackend: { host: { kind: 'name', name: 'old.shop' } },
    });
    await sides.send({ target: '/api/x?q=1' });
    expect(feature.requests[0]?.target).toBe('/x?q=1');
    const [sent] = legacy.requests;
    expect(sent?.target).toBe('/api/x?q=1');
    expect(sent?.header('host')).toBe('old.shop');
    expect(sent?.header('x-feature')).toBeUndefined();
    expect(sent?.header('x-forwarded-prefix')).toBeUndefined();
  });

  it('is told of in the debug headers', async () => {
    const { sides } = await shop(status(503), { debug: true });
    const { headers } = (await sides.send()).answer.headOfAnswer ?? { headers: [] };
    expect(headers.slice(-8)).toEqual([
      'x-banyan-route',
      'orders',
      'x-banyan-side',
      'legacy',
      'x-banyan-reason',
      'stage',
      'x-banyan-fallback',
      '503',
    ]);
  });
});

describe('once, and never mixed', () => {
  it('an answer that breaks off is cut, not replaced', async () => {
    const { sides, legacy } = await shop((_request, reply) => {
      reply.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      setTimeout(() => reply.reset(), 20);
    });
    const { answer } = await sides.send();
    expect(answer.wasCut).toBe(true);
    expect(legacy.requests.length).toBe(0);
    expect(sides.outcome).toMatchObject({ status: 200, failure: 'reset', fallbackSkipped: 'started' });
  });

  it('what legacy says is what the client gets', async () => {
    const { sides, feature, legacy } = await shop(status(503), {}, status(503));
    const { answer } = await sides.send();
    expect(answer.headOfAnswer?.status).toBe(503);
    expect([feature.requests.length, legacy.requests.length]).toEqual([1, 1]);
    expect(sides.outcome).toMatchObject({ status: 503, failure: null, backend: 'legacy' });
  });

  it('where legacy fails too, its failure is told', async () => {
    const { sides } = await shop(status(503), { legacy: [await deadPort()] });
    await sides.send();
    expect(sides.outcome).toMatchObject({
      status: 502,
      failure: 'connect_refused',
      backend: 'legacy',
      hidden: 503,
    });
  });

  it('an endless 503 is let go of, and its connection closed', async () => {
    const { sides, feature } = await shop((_request, reply) => {
      reply.takeOver();
      reply.write('HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n');
      const more = (): void => {
        while (reply.socket.writable && reply.socket.write('4000\r\n' + 'x'.repeat(0x4000) + '\r\n'));
        if (reply.socket.writable) reply.socket.once('drain', more);
      };
      more();
    });
    expect((await sides.send()).answer.text).toBe('legacy ');
    await until(() => feature.open === 0);
  });

  it('the connection of a short 501 is used again', async () => {
    const { sides, feature } = await shop(status(501));
    for (let i = 0; i < 5; i++) {
      expect((await sides.send()).answer.text).toBe('legacy ');
      await feature.request(i);
    }
    expect(feature.connections).toBe(1);
  });

  it('1xx of the feature do not begin an answer', async () => {
    const { sides } = await shop((_request, reply) => {
      reply.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n');
      setTimeout(() => reply.reset(), 20);
    });
    expect((await sides.send()).answer.text).toBe('legacy ');
  });

  it('HEAD', async () => {
    const { sides } = await shop(status(503));
    expect((await sides.send({ method: 'HEAD' })).answer.headOfAnswer?.headers).toContain('legacy');
  });
});

describe('limits', () => {
  it('of the deadline are one for both', async () => {
    const { sides } = await shop(
      hang,
      { policy: { deadlineMs: 150, timeouts: { connectMs: null, responseMs: 50, idleMs: null } } },
      hang,
    );
    const started = performance.now();
    await sides.send();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(sides.outcome).toMatchObject({
      failure: 'deadline',
      status: 504,
      backend: 'legacy',
      hidden: 'response_timeout',
    });
  });

  it('an upload may take longer than a deadline that nobody wrote', async () => {
    const { sides } = await shop(status(200), {
      featureBackend: { timeouts: { connectMs: 100, responseMs: 50, idleMs: 0 } },
      legacyBackend: { timeouts: { connectMs: 100, responseMs: 50, idleMs: 0 } },
    });
    const exchange = sides.start({ method: 'POST', body: ['x'], length: null, holdBody: true });
    await new Promise((resolve) => setTimeout(resolve, 250));
    exchange.body.finishBody();
    await exchange.answer.over;
    expect(exchange.answer.text).toBe('feature');
  });

  it('max_in_flight of the fallback', async () => {
    const { sides } = await shop(
      status(503),
      { block: { fallback: { ...FALLBACK!, maxInFlight: 1 } } },
      hang,
    );
    const first = sides.start();
    await until(() => sides.attempts.length === 1);
    expect((await sides.send()).answer.text).toBe('feature');
    expect(sides.outcome).toMatchObject({ status: 503, fallbackSkipped: 'busy' });
    first.leave();
    await until(() => sides.outcomes.length === 2);
    const second = sides.start();
    await until(() => sides.attempts.length === 4);
    second.leave();
    await until(() => sides.outcomes.length === 3);
    expect(sides.outcome).toMatchObject({ fallback: '503', failure: 'client_closed' });
  });

  it('max_in_flight of legacy: the feature’s own answer', async () => {
    const { sides } = await shop(status(503), { legacyBackend: { maxInFlight: 1 } }, hang);
    const first = sides.start();
    await until(() => sides.attempts.length === 1);
    expect((await sides.send()).answer.text).toBe('feature');
    expect(sides.outcome).toMatchObject({ status: 503, fallbackSkipped: 'busy', backend: 'orders' });
    first.leave();
  });

  it('queue of legacy: a place that comes free is taken, else the feature’s failure is told', async () => {
    const { sides } = await shop(reset, { legacyBackend: { maxInFlight: 1, queueMs: 150 } }, hang);
    const first = sides.start();
    await until(() => sides.attempts.length === 1);
    await sides.send();
    expect(sides.outcome).toMatchObject({ failure: 'reset', fallbackSkipped: 'busy', backend: 'orders' });
    const third = sides.start();
    await until(() => sides.attempts.length === 3);
    first.leave();
    third.leave();
    await until(() => sides.outcomes.length === 3);
    expect(sides.capacity.snapshot().map(({ inFlight, waiting }) => inFlight + waiting)).toEqual([0, 0]);
  });

  it('a skipped fallback is held for like any other', async () => {
    const { sides } = await shop(
      status(200),
      {
        feature: [await deadPort()],
        featureBackend: { holdWhileDownMs: 150 },
        legacyBackend: { maxInFlight: 1 },
      },
      hang,
    );
    sides.start();
    const started = performance.now();
    await sides.send();
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(sides.outcome).toMatchObject({ failure: 'connect_refused', fallbackSkipped: 'busy' });
  });

  it('and falls back after all when a place comes free meanwhile', async () => {
    const { sides } = await shop(
      status(200),
      {
        feature: [await deadPort()],
        featureBackend: { holdWhileDownMs: 10_000 },
        legacyBackend: { maxInFlight: 1 },
      },
      (request, reply) => (request.target === '/first' ? reply.takeOver() : fromLegacy(request, reply)),
    );
    const first = sides.start({ target: '/first' });
    const second = sides.start({ target: '/second' });
    await until(() => sides.attempts.length > 2);
    first.leave();
    await second.answer.over;
    expect(second.answer.text).toBe('legacy ');
    expect(sides.outcome).toMatchObject({ status: 200, failure: null, fallback: 'connect' });
    expect(sides.outcome).not.toHaveProperty('fallbackSkipped');
  });

  it('a client that leaves ends legacy’s work', async () => {
    const { sides, legacy } = await shop(status(503), {}, hang);
    const exchange = sides.start();
    const asked = await legacy.request(0);
    exchange.leave();
    await asked.gone;
    expect(sides.outcome).toMatchObject({ status: 499, fallback: '503', hidden: 503 });
    expect(sides.endpoints.inFlight).toBe(0);
  });
});

describe('either', () => {
  const either = { policy: { either: true } };
  const missing =
    (body: string): Script =>
    (_request, reply) =>
      reply.send(404, ['X-From: feature'], body);

  it('asks the other side about a 404', async () => {
    const { sides, feature } = await shop(missing('no'), either);
    const { answer } = await sides.send();
    expect(answer.text).toBe('legacy ');
    expect(feature.requests.length).toBe(1);
    expect(sides.outcome).toMatchObject({ status: 200, backend: 'legacy', hidden: 404, either: 'found' });
    expect(sides.outcome).not.toHaveProperty('fallback');
    expect(sides.tries).toEqual(['orders serve 404', 'legacy serve 200']);
  });

  it.each<[string, Script, string]>([
    ['404', status(404), 'not_found'],
    ['500', status(500), 'failed'],
    ['nothing that is HTTP', nonsense, 'failed'],
    ['nothing', reset, 'failed'],
  ])('the first 404 stands where the other side says %s', async (_what, script, result) => {
    const { sides } = await shop(missing('not here'), either, script);
    const { answer } = await sides.send();
    expect(answer.headOfAnswer?.status).toBe(404);
    expect(answer.text).toBe('not here');
    expect(sides.outcome).toMatchObject({
      status: 404,
      failure: null,
      backend: 'orders',
      either: result,
      attempts: 2,
    });
    expect(sides.endpoints.inFlight).toBe(0);
  });

  it('a 404 that is served late to a slow client holds nobody’s connection', async () => {
    const { sides, feature } = await shop(
      missing('not here'),
      { ...either, legacyBackend: { maxInFlight: 1 } },
      hang,
    );
    const first = sides.start();
    await until(() => sides.attempts.length === 1 && feature.requests.length === 1);
    const slow = sides.start();
    slow.answer.isSlow = true;
    await slow.answer.over;
    const next = await sides.send();
    expect([slow.answer.text, next.answer.text]).toEqual(['not here', 'not here']);
    expect(feature.connections).toBe(1);
    first.leave();
  });

  it('a 404 that is too long is served as it comes', async () => {
    const long = 'x'.repeat(100_000);
    const { sides, legacy } = await shop(missing(long), either);
    expect((await sides.send()).answer.text).toBe(long);
    expect(legacy.requests.length).toBe(0);
  });

  it('so is one that turns out to be too long', async () => {
    const { sides, legacy } = await shop((_request, reply) => {
      reply.write('HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let i = 0; i < 10; i++) reply.write(`4000\r\n${'x'.repeat(0x4000)}\r\n`);
      reply.write('0\r\n\r\n');
    }, either);
    expect((await sides.send()).answer.text.length).toBe(10 * 0x4000);
    expect(legacy.requests.length).toBe(0);
    expect(sides.endpoints.inFlight).toBe(0);
  });

  it('only GET and HEAD are asked again', async () => {
    const { sides, legacy } = await shop(missing('no'), either);
    expect((await sides.send({ method: 'POST', body: ['x'] })).answer.text).toBe('no');
    expect((await sides.send({ method: 'HEAD' })).answer.headOfAnswer?.status).toBe(200);
    expect(legacy.requests.length).toBe(1);
  });

  it('a 404 that breaks off is a failure like any other', async () => {
    const { sides } = await shop(
      (_request, reply) => {
        reply.write('HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nhalf');
        reply.reset();
      },
      { ...either, block: { fallback: null } },
    );
    const { answer } = await sides.send();
    expect(sides.outcome).toMatchObject({ status: 502, failure: 'reset' });
    expect(answer.text).not.toContain('half');
  });
});

/** What only a fake client's own turn of the loop brings. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
