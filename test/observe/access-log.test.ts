import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../src/model/exchange.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { type AccessLog, type AccessLogOptions, createAccessLog } from '../../src/observe/access-log.ts';
import { tableOf } from '../support/table.ts';
import { decisionOf, outcomeOf } from './samples.ts';

const TABLE = tableOf([
  { name: 'orders', prefix: '/api/orders', to: 'orders' },
  { name: 'old', prefix: '/old', redirect: { to: '/new' } },
]);

/** The keys of a line, in their order (docs/access-log.md). */
const KEYS = [
  'time',
  'request_id',
  'client',
  'method',
  'path',
  'status',
  'route',
  'feature',
  'stage',
  'side',
  'reason',
  'endpoint',
  'attempts',
  'failure',
  'fallback',
  'duration_ms',
  'backend_ms',
  'bytes_in',
  'bytes_out',
  'user_agent',
  'protocol',
];

const REJECTION: Rejection = {
  failure: 'malformed_request',
  peer: { address: '192.0.2.9', port: 1, secure: false },
  method: 'GET',
  target: '/%zz?token=abc',
  requestId: 'rejected-1',
  startedAt: 990,
  userAgent: 'curl/8.0',
};

function logOf(options: Partial<AccessLogOptions> = {}): { log: AccessLog; lines: string[] } {
  const lines: string[] = [];
  const sink = {
    write: (line: string) => void lines.push(line),
    droppedLines: () => 0,
    flush: async () => true,
  };
  const clocks = { wallMs: () => Date.UTC(2024, 4, 6), nowMs: () => 1_000 };
  return { log: createAccessLog({ sink, format: 'json', level: 'info', ...clocks, ...options }), lines };
}

function lineOf(given: Partial<Outcome> = {}, options: Partial<AccessLogOptions> = {}): string {
  const { log, lines } = logOf(options);
  log.finished(outcomeOf(decisionOf(TABLE, 'orders'), given));
  expect(lines).toHaveLength(1);
  return lines[0] as string;
}

describe('a JSON line', () => {
  it('has exactly the keys of the format, in order, and ends with a line feed', () => {
    const line = lineOf({ durationMs: 20.123456, backendMs: 12 });
    expect(line.endsWith('}\n')).toBe(true);
    const entry = JSON.parse(line);
    expect(Object.keys(entry)).toEqual(KEYS);
    expect(entry).toEqual({
      time: '2024-05-06T07:08:09.010Z',
      request_id: '0b5b0a1c-7b3e-4d62-9a55-1b1a1c1d1e1f',
      client: '192.0.2.7',
      method: 'GET',
      path: '/api/orders/7',
      status: 200,
      route: 'orders',
      feature: 'orders',
      stage: 'live',
      side: 'feature',
      reason: 'stage',
      endpoint: '10.0.0.5:3000',
      attempts: 1,
      failure: null,
      fallback: null,
      duration_ms: 20.123,
      backend_ms: 12,
      bytes_in: 3,
      bytes_out: 500,
      user_agent: 'curl/8.0',
      protocol: 'HTTP/1.1',
    });
  });

  it('of a redirect has no side and no endpoint', () => {
    const { log, lines } = logOf();
    log.finished(outcomeOf(decisionOf(TABLE, 'old'), { status: 308 }));
    const entry = JSON.parse(lines[0] as string);
    expect(entry).toMatchObject({ route: 'old', feature: null, side: null, reason: null, endpoint: null });
  });

  it('of a refused request has no route, and the same keys', () => {
    const { log, lines } = logOf();
    log.rejected(REJECTION);
    const entry = JSON.parse(lines[0] as string);
    expect(Object.keys(entry)).toEqual(KEYS);
    expect(entry).toMatchObject({
      time: '2024-05-05T23:59:59.990Z',
      path: '/%zz?token=***',
      status: 400,
      route: null,
      failure: 'malformed_request',
      duration_ms: 10,
      user_agent: 'curl/8.0',
      protocol: null,
    });
  });

  it('of a request that could not be read at all is still one', () => {
    const { log, lines } = logOf();
    log.rejected({ ...REJECTION, method: null, target: null, peer: null, userAgent: null });
    expect(JSON.parse(lines[0] as string)).toMatchObject({ method: null, path: null, client: null });
  });

  it('shows no secret, header or control character of the client', () => {
    const headers = ['Authorization', 'Bearer s3cret', 'Cookie', 'sid=s3cret', 'User-Agent', 'a"\n\x1b[2Jb'];
    const line = lineOf({
      head: { method: 'GET', target: '/a?x=1&password=s3cret', minorVersion: 1, headers },
    });
    expect(line).not.toContain('s3cret');
    expect(line.slice(0, -1)).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(line)).toMatchObject({ path: '/a?x=1&password=***', user_agent: 'a"\\x0a\\x1b[2Jb' });
  });

  it('names the client that trusted proxies tell of', () => {
    expect(JSON.parse(lineOf({ client: '203.0.113.9' })).client).toBe('203.0.113.9');
  });
});

describe('LOG_LEVEL', () => {
  it.each([
    ['debug', 3],
    ['info', 3],
    ['warn', 2],
    ['error', 0],
    ['silent', 0],
  ] as const)('%s leaves %i of a good, a failed and a refused request', (level, left) => {
    const { log, lines } = logOf({ level });
    log.finished(outcomeOf(decisionOf(TABLE, 'orders')));
    log.finished(outcomeOf(decisionOf(TABLE, 'orders'), { status: 502, failure: 'reset' }));
    log.rejected(REJECTION);
    expect(lines).toHaveLength(left);
  });
});

describe('a sample', () => {
  const orders = decisionOf(TABLE, 'orders');

  it('leaves out lines of 2xx alone', () => {
    const { log, lines } = logOf({ sampleShare: 0 });
    for (const status of [200, 204, 299]) log.finished(outcomeOf(orders, { status }));
    expect(lines).toHaveLength(0);
    for (const status of [199, 300, 304, 404, 499, 500]) log.finished(outcomeOf(orders, { status }));
    log.finished(outcomeOf(orders, { status: 101, upgraded: true }));
    log.finished(outcomeOf(orders, { status: 200, upgraded: true }));
    log.finished(outcomeOf(orders, { status: 200, failure: 'reset' }));
    log.rejected(REJECTION);
    expect(lines).toHaveLength(10);
  });

  it('draws for each line by itself', () => {
    const drawn = [0, 0.0999, 0.1, 0.9];
    const { log, lines } = logOf({ sampleShare: 0.1, random: () => drawn.shift() ?? 1 });
    for (const target of ['/a', '/b', '/c', '/d']) {
      log.finished(outcomeOf(orders, { head: { ...outcomeOf(orders).head, target } }));
    }
    expect(lines.map((line) => JSON.parse(line).path)).toEqual(['/a', '/b']);
  });

  it.each(['json', 'pretty', 'combined'] as const)('keeps about its share of %s lines', (format) => {
    const { log, lines } = logOf({ sampleShare: 0.25, format });
    for (let i = 0; i < 20_000; i++) log.finished(outcomeOf(orders));
    // More than six standard deviations to either side.
    expect(Math.abs(lines.length - 5_000)).toBeLessThan(400);
  });

  it('of everything draws nothing', () => {
    const random = () => {
      throw new Error('drawn');
    };
    const { log, lines } = logOf({ random });
    log.finished(outcomeOf(orders));
    expect(lines).toHaveLength(1);
  });
});

describe('the combined format', () => {
  it('is Apache’s', () => {
    const headers = ['Referer', 'https://shop.test/?token=abc', 'User-Agent', 'say "hi"\\'];
    const head = { method: 'POST', target: '/api/orders?x=1', minorVersion: 0, headers } as const;
    expect(lineOf({ head, status: 201 }, { format: 'combined' })).toBe(
      '192.0.2.7 - - [06/May/2024:07:08:09 +0000] "POST /api/orders?x=1 HTTP/1.0" 201 500 ' +
        '"https://shop.test/?token=***" "say \\"hi\\"\\\\"\n',
    );
  });

  it('names HTTP/2 as Apache does', () => {
    const head = { method: 'GET', target: '/', minorVersion: 1, isHttp2: true, headers: [] } as const;
    expect(lineOf({ head }, { format: 'combined' })).toContain('"GET / HTTP/2.0" ');
  });

  it('has dashes for what is not there', () => {
    const { log, lines } = logOf({ format: 'combined' });
    log.rejected({ ...REJECTION, method: null, target: null, userAgent: null });
    expect(lines).toEqual(['192.0.2.9 - - [05/May/2024:23:59:59 +0000] "-" 400 - "-" "-"\n']);
  });
});

describe('the pretty format', () => {
  it('tells who answered and why in one line', () => {
    const line = lineOf({ status: 502, failure: 'reset', attempts: 2 }, { format: 'pretty' });
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d\.010 502 GET {2}\/api\/orders\/7 orders → feature \(live: stage\) 20\.0 ms 2 attempts reset\n$/,
    );
  });

  it('tells that legacy answered in the feature’s place', () => {
    const line = lineOf({ attempts: 2, fallback: 'connect' }, { format: 'pretty' });
    expect(line).toMatch(/ orders → feature \(live: stage\) 20\.0 ms 2 attempts fallback: connect\n$/);
  });

  it('is coloured only where asked', () => {
    expect(lineOf({}, { format: 'pretty', hasColors: true })).toContain('\x1b[32m200\x1b[0m');
    expect(lineOf({}, { format: 'pretty' })).not.toContain('\x1b');
  });
});
