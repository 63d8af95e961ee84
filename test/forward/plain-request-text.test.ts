import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ForwardedLines } from '../../src/forward/forwarded-lines.ts';
import { plainRequestText } from '../../src/forward/plain-request-text.ts';
import { buildRequestHead, type RequestHeadInput } from '../../src/forward/request-head.ts';
import { serialiseHead } from '../../src/forward/request-text.ts';
import type { HeaderList } from '../../src/model/header-list.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { tableOf } from '../support/table.ts';
import { linesOf } from './lines-of.ts';

function inputOf(headers: HeaderList, sketch: Partial<RequestHeadInput> = {}): RequestHeadInput {
  const table = tableOf([{ prefix: '/api', to: 'orders' }]);
  const route = table.routes[0] as NonNullable<(typeof table.routes)[0]>;
  const feature = table.features['orders'] as NonNullable<(typeof table.features)[string]>;
  return {
    decision: {
      kind: 'forward',
      route,
      side: 'feature',
      backend: feature.backend,
      feature,
      reason: 'stage',
      fallback: null,
      either: null,
    },
    matched: { route, alternative: 0, path: '/api/x', normalPath: '/api/x' },
    head: { method: 'GET', target: '/api/x?q', minorVersion: 1, headers, lines: linesOf(headers) },
    traits: { method: 'GET', host: 'shop.test', path: '/api/x', query: 'q', headers },
    peer: { address: '192.0.2.7', port: 4711, secure: false },
    trust: new TrustedProxies([]),
    requestId: 'id-1',
    bodyLength: 0,
    upgrade: null,
    expectsContinue: false,
    url: { hostname: 'orders', port: 3000, secure: false, basePath: '/base' },
    ...sketch,
  };
}

const NAMES = [
  ...['Accept', 'Cookie', 'X-b', 'Content-Type', 'Upgrade-Insecure-Requests', 'User-Agent', 'Cache-Control'],
  ...['Connection', 'Keep-Alive', 'TE', 'Transfer-Encoding', 'Upgrade', 'HTTP2-Settings', 'Proxy-Connection'],
  ...[
    'Proxy-Authorization',
    'Proxy',
    'X-Forwarded-For',
    'X_Forwarded.Host',
    'Forwarded',
    'X-Real-IP',
    'X-Request-Id',
  ],
  ...[
    'x-banyan-side',
    'X-Original-Url',
    'X-Rewrite-Url',
    'Expect',
    'Content-Length',
    'Host',
    'Via',
    'Trailer',
    '_x',
  ],
];
const VALUES = [
  'keep-alive',
  'close',
  'Keep-Alive',
  'X-b',
  'a, b',
  '0',
  '5',
  '05',
  'shop.test',
  '',
  'other:8080',
];

const field = fc.tuple(
  fc.constantFrom(...NAMES, ...NAMES.map((name) => name.toLowerCase())),
  fc.constantFrom(...VALUES),
);

it('says what the head of the general way says, to the byte, or nothing', () => {
  const forwarded = new ForwardedLines();
  let plain = 0;
  const property = fc.property(
    fc.array(field, { maxLength: 6 }),
    fc.constantFrom(0, 5, null),
    fc.boolean(),
    fc.boolean(),
    (fields, bodyLength, isTrusted, isCopy) => {
      const trust = new TrustedProxies(isTrusted ? ['192.0.2.0/24'] : []);
      const { decision, ...given } = inputOf(['Host', 'shop.test', ...fields.flat()], { bodyLength, trust });
      const input = { ...given, decision: isCopy ? { ...decision, copy: 'shadow' as const } : decision };
      const text = plainRequestText(input, forwarded);
      if (text === null) return;
      plain++;
      expect(text).toBe(serialiseHead(buildRequestHead(input)));
    },
  );
  fc.assert(property, { numRuns: 3_000 });
  expect(plain).toBeGreaterThan(300);
});

it('says the same of fields that come again, for whichever backend and body', () => {
  const forwarded = new ForwardedLines();
  const property = fc.property(
    fc.array(field, { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom(0, 5, null), fc.boolean(), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
    }),
    (fields, rounds) => {
      const headers = ['Host', 'shop.test', ...fields.flat()];
      const lines = { ...linesOf(headers), isKept: true };
      const { head, decision, ...given } = inputOf(headers);
      const named = { ...decision.backend, host: { kind: 'name' as const, name: 'shop.test' } };
      const other = { hostname: 'orders', port: 3001, secure: false, basePath: '' };
      for (const [bodyLength, isNamed, isOther] of rounds) {
        const input = {
          ...given,
          head: { ...head, lines },
          decision: isNamed ? { ...decision, backend: named } : decision,
          bodyLength,
          ...(isOther && { url: other }),
        };
        const text = plainRequestText(input, forwarded);
        if (text !== null) expect(text).toBe(serialiseHead(buildRequestHead(input)));
      }
    },
  );
  fc.assert(property, { numRuns: 1_000 });
});

it.each([
  ['no space', (name: string, value: string) => `${name}:${value}`],
  ['a tab', (name: string, value: string) => `${name}:\t${value}`],
  ['two spaces', (name: string, value: string) => `${name}:  ${value}`],
  ['a space behind', (name: string, value: string) => `${name}: ${value} `],
])('leaves lines with %s to the general way, which writes them anew', (_what, line) => {
  const headers = ['Host', 'shop.test', 'Accept', 'a'];
  const { head, ...input } = inputOf(headers);
  expect(
    plainRequestText({ ...input, head: { ...head, lines: linesOf(headers, line) } }, new ForwardedLines()),
  ).toBe(null);
});

it('keeps what it says of a connection only as long as it names the same host', () => {
  const forwarded = new ForwardedLines();
  const peer = { address: '192.0.2.7', port: 4711, secure: true };
  const one = forwarded.of(peer, 'one.test');
  expect(forwarded.of(peer, 'one.test')).toBe(one);
  expect(forwarded.of(peer, 'two.test:8443')).toContain(
    'X-Forwarded-Host: two.test:8443\r\nX-Forwarded-Port: 8443\r\n',
  );
  expect(forwarded.of(peer, 'one.test')).toBe(one);
});
