import { get } from '../../support/raw-client.ts';
import type { EdgeClass, Rule } from '../edge-case.ts';
import { all, answered, refused, that } from '../rules.ts';

/**
 * Class `limits`: too much, and too slow. Every player takes heads of some 32 KiB, gives clients two seconds and backends
 * three, so that what is sent here is too much for all.
 */

const H = 'Host: a\r\n';
/** Of a head, and between two pieces of a body, ms; and what a check once a second adds. */
const PATIENCE_MS = 2_000;
const LATEST_MS = PATIENCE_MS + 1_500;

/** The connection is closed when the client's time is up, neither much earlier nor later. */
const inTime: Rule = that('in time', ({ endedMs }) => {
  if (endedMs === null) return 'the connection stays open';
  if (endedMs > LATEST_MS) return `after ${(endedMs / 1_000).toFixed(1)} s`;
  return endedMs < PATIENCE_MS - 500 ? `already after ${(endedMs / 1_000).toFixed(1)} s` : null;
});

const SLOW = {
  source: '9110 15.5.9',
  stricter: '9110 15.5.9 lets it be closed without a word',
  waitMs: 6_000,
};
/** A byte of each now and then: 5 s in all. */
function dribble(bytes: string, gapMs: number): readonly (string | { readonly waitFor: number })[] {
  return [...bytes].flatMap((byte) => [{ waitFor: gapMs }, byte]);
}

/** The class. */
export const LIMITS: EdgeClass = {
  name: 'limits',
  backendS: 3,
  cases: [
    {
      what: 'a target of 100 kB',
      send: get(`/${'a'.repeat(100_000)}`),
      source: '9112 3',
      rule: refused(414),
    },
    {
      what: 'a query of 100 kB',
      send: get(`/?${'a'.repeat(100_000)}`),
      source: '9112 3',
      rule: refused(414),
    },
    {
      what: 'a target without an end',
      send: `GET /${'a'.repeat(2_000_000)}`,
      source: '9112 3',
      rule: refused(414),
    },
    {
      what: 'a field of 100 kB',
      send: get('/', [`X: ${'x'.repeat(100_000)}`]),
      source: '6585 5',
      stricter: '9110 5.4 lets it be any 4xx',
      rule: refused(431),
    },
    {
      what: 'a field of 100 kB is refused at all',
      send: get('/', [`X: ${'x'.repeat(100_000)}`]),
      source: '9110 5.4',
      rule: refused(400, 413, 414, 431, 494),
    },
    {
      what: 'a name of 100 kB',
      send: get('/', [`${'x'.repeat(100_000)}: y`]),
      source: '9110 5.4',
      rule: refused(400, 413, 414, 431, 494),
    },
    {
      what: 'fields of 1 kB without an end',
      send: `GET / HTTP/1.1\r\n${H}${`X: ${'x'.repeat(1_000)}\r\n`.repeat(2_000)}`,
      source: '9110 5.4',
      rule: refused(400, 413, 414, 431, 494),
    },
    {
      what: 'a cookie of 100 kB',
      send: get('/', [`Cookie: a=${'x'.repeat(100_000)}`]),
      source: '9110 5.4',
      rule: refused(400, 413, 414, 431, 494),
    },
    {
      what: '1 200 fields',
      send: get(
        '/',
        Array.from({ length: 1_200 }, (_, i) => `X-${i}: v`),
      ),
      source: 'design 6',
      stricter: '9110 5.4 sets no number',
      rule: refused(400, 431),
    },
    {
      what: '1 200 empty fields of one name',
      send: get(
        '/',
        Array.from({ length: 1_200 }, () => 'A:'),
      ),
      source: 'design 6',
      stricter: '9110 5.4 sets no number',
      rule: refused(400, 431),
    },
    {
      what: 'trailers of 100 kB',
      send: `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      source: '9110 5.4',
      rule: refused(400, 413, 431),
    },
    {
      what: 'a chunk extension of 100 kB',
      send: `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1;a=${'x'.repeat(100_000)}\r\nx\r\n0\r\n\r\n`,
      source: '9112 7.1.1',
      stricter: '9112 7.1.1 asks for a limit, and names none',
      rule: refused(400, 413),
    },
    {
      what: 'chunk extensions of 2 MB in all',
      send: `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${`1;a=${'x'.repeat(200)}\r\nx\r\n`.repeat(10_000)}0\r\n\r\n`,
      source: '9112 7.1.1',
      stricter: '9112 7.1.1 asks for a limit, and names none',
      rule: refused(400, 413),
    },
    {
      what: 'a head that stops',
      send: `GET / HTTP/1.1\r\n${H}X: `,
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'a head of a byte now and then',
      send: [`GET / HTTP/1.1\r\n${H}X: `, ...dribble('0123456789', 500)],
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'a head of a field now and then',
      send: [
        `GET / HTTP/1.1\r\n${H}`,
        ...Array.from({ length: 10 }, () => [{ waitFor: 500 }, 'X: y\r\n']).flat(),
      ],
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'a request line that stops',
      send: 'GET /',
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'a body that stops',
      send: `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhi`,
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'chunks that stop',
      send: `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n`,
      ...SLOW,
      rule: all(answered(408), inTime),
    },
    {
      what: 'chunks that go on, slowly, and are whole',
      send: [
        `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`,
        ...dribble('1\r\na\r\n0\r\n\r\n', 40),
      ],
      source: '9112 7.1',
      waitMs: 6_000,
      rule: answered(200),
    },
    {
      what: 'a backend that never answers',
      send: get('/'),
      source: '9110 15.6.5',
      waitMs: 6_000,
      replies: [{ says: [{ waitMs: 5_000 }] }],
      rule: answered(504),
    },
    {
      what: 'a backend whose head never ends',
      send: get('/'),
      source: '9110 15.6.5',
      waitMs: 6_000,
      replies: [{ says: ['HTTP/1.1 200 OK\r\nX: ', { waitMs: 5_000 }] }],
      rule: answered(504),
    },
    {
      what: 'a backend that stops in its body',
      send: get('/'),
      source: '9112 8',
      waitMs: 6_000,
      replies: [{ says: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', { waitMs: 5_000 }] }],
      rule: that('cut, so that it does not look whole', ({ answers, end }) => {
        if (answers[0]?.isWhole === true) return 'it looks whole';
        return end === 'open' ? 'the connection stays open' : null;
      }),
    },
  ],
};
