import type { ConnectionOptions } from 'node:tls';
import {
  CONNECTION_ERRORS,
  HARMLESS,
  HEADS,
  type RawCase,
  STREAM_ERRORS,
} from '../../front/http2/raw-cases.ts';
import {
  CODE,
  codeOf,
  data,
  FLAG,
  FRAME,
  type Frame,
  frame,
  getFields,
  headerBlock,
  headers,
  ping,
  postFields,
  reset,
  settings,
  statusOf,
} from '../../support/http2-frames.ts';
import type { EdgeCase, EdgeClass, Rule, Seen } from '../edge-case.ts';
import { shown, that } from '../rules.ts';

/**
 * Class `HTTP/2`: the cases of the front's own table (`test/front/http2/raw-cases.ts`), over TLS, as a client and a backend
 * see them; and floods. A malformed request may be answered with a 4xx, reset, or end the connection (RFC 9113 sections
 * 5.4 and 8.1.1 leave it to the server), but never reach a backend.
 */

const H2: ConnectionOptions = { servername: 'localhost', ALPNProtocols: ['h2'] };

function ofStream(seen: Seen, type: number): Frame | undefined {
  return seen.frames.find((one) => one.type === type && one.stream === 1);
}

function hasGone(seen: Seen): boolean {
  return seen.end !== 'open' || goaway(seen) !== undefined;
}

/** A goodbye for a fault. */
function goaway({ frames }: Seen): Frame | undefined {
  return frames.find((one) => one.type === FRAME.goaway && codeOf(one) !== CODE.noError);
}

function seenText(seen: Seen): string {
  const [request] = seen.requests;
  const status = ofStream(seen, FRAME.headers);
  const told = status === undefined ? 'no answer' : `answered ${statusOf(status) ?? 'something'}`;
  return request === undefined
    ? told
    : `${request.side} got ${shown(`${request.method} ${request.target}`)}; ${told}`;
}

const malformed: Rule = that('4xx, RST_STREAM or GOAWAY, and no backend is asked', (seen) => {
  if (seen.requests.length > 0) return seenText(seen);
  const answer = ofStream(seen, FRAME.headers);
  // A status that is no part of the static table is a 4xx here: nobody sent a request that could be answered otherwise.
  const isRefused = answer !== undefined && ![200, 204, 206, 304, 500].includes(statusOf(answer) ?? 400);
  return isRefused || ofStream(seen, FRAME.rstStream) !== undefined || hasGone(seen) ? null : seenText(seen);
});

const endsStream: Rule = that('RST_STREAM or GOAWAY', (seen) => {
  const isRefused = (statusOf(ofStream(seen, FRAME.headers) ?? NO_FRAME) ?? 0) === 400;
  return isRefused || ofStream(seen, FRAME.rstStream) !== undefined || hasGone(seen) ? null : seenText(seen);
});

const NO_FRAME: Frame = { type: -1, flags: 0, stream: 0, payload: Buffer.alloc(0) };

/** The same, and no backend takes for whole what is not. */
const neverWhole: Rule = that('RST_STREAM or GOAWAY, and no backend takes it for whole', (seen) =>
  seen.requests.some(({ isWhole }) => isWhole)
    ? `whole for the backend; ${seenText(seen)}`
    : endsStream.check(seen),
);

const ends: Rule = that('the connection ends', (seen) => (hasGone(seen) ? null : seenText(seen)));

function reaches(target: string): Rule {
  return that(`reaches legacy at ${shown(target)}, 200`, (seen) => {
    const [request, ...more] = seen.requests;
    if (request === undefined || more.length > 0 || !request.isWhole || request.fault !== null)
      return seenText(seen);
    if (request.target !== target) return `legacy got ${shown(request.target)}`;
    return statusOf(ofStream(seen, FRAME.headers) ?? NO_FRAME) === 200 ? null : seenText(seen);
  });
}

/** Where RFC 9113 leaves a choice, or says nothing. */
const CHOICES: Readonly<Record<string, string>> = {
  'a control character in a value': '9113 8.2.1 names NUL, CR and LF alone',
  'DEL in a value': '9113 8.2.1 names NUL, CR and LF alone',
  'another scheme': '9113 8.3.1 does not restrict schemes',
  'two lengths': '9110 8.6 lets equal lengths be one',
  'a list of lengths': '9110 8.6 lets equal lengths be one',
  'bytes from 0x80 on in a target': '3986 would have them refused; clients send them',
  'a fragment in :path': '9113 8.3.1 has no fragment, and does not say what to do with one',
};

function edgeCase({ what, frames }: RawCase, rule: Rule, source: string): EdgeCase {
  const stricter = CHOICES[what];
  return { what, send: '', tls: H2, frames, source, rule, ...(stricter === undefined ? {} : { stricter }) };
}

function headCase(raw: RawCase): EdgeCase {
  const { served = [] } = raw.expected;
  const rule = served.length > 0 ? reaches(served[0] as string) : malformed;
  return edgeCase(raw, rule, '9113 8.2, 8.3');
}

/** These come behind a request that is whole, or is none of their own. */
const BEHIND = /behind|window/;

function flood(what: string, frames: readonly Buffer[]): EdgeCase {
  const stricter = '9113 10.5 warns of it, and sets no limit';
  return { what, send: '', tls: H2, frames, source: '9113 10.5', stricter, rule: ends, waitMs: 3_000 };
}

function times<Value>(count: number, make: (i: number) => Value): Value[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const POST = headers(1, postFields(), FLAG.endHeaders);

/** The class. */
export const HTTP2: EdgeClass = {
  name: 'HTTP/2',
  cases: [
    ...HEADS.map(headCase),
    ...HARMLESS.map((raw) => edgeCase(raw, reaches('/'), '9113 5.5, 6')),
    ...STREAM_ERRORS.map((raw) =>
      edgeCase(raw, BEHIND.test(raw.what) ? endsStream : neverWhole, '9113 5.4.2, 8.1'),
    ),
    ...CONNECTION_ERRORS.map((raw) => edgeCase(raw, ends, '9113 5.4.1, 6, 7541')),
    flood(
      '3 000 requests that are reset at once',
      times(3_000, (i) => Buffer.concat([headers(2 * i + 1, getFields()), reset(2 * i + 1)])),
    ),
    flood(
      '20 000 PINGs',
      times(20_000, () => ping()),
    ),
    flood(
      '20 000 SETTINGS',
      times(20_000, () => settings()),
    ),
    flood('20 000 empty DATA', [POST, ...times(20_000, () => data(1, ''))]),
    flood(
      '20 000 PRIORITY',
      times(20_000, () => frame(FRAME.priority, { stream: 3, payload: Buffer.alloc(5) })),
    ),
    flood('a header block without an end', [
      frame(FRAME.headers, { stream: 1, flags: FLAG.endStream, payload: headerBlock(getFields()) }),
      ...times(500, () =>
        frame(FRAME.continuation, { stream: 1, payload: headerBlock(['x', 'y'.repeat(8_000)]) }),
      ),
    ]),
    flood('CONTINUATION of nothing, without an end', [
      frame(FRAME.headers, { stream: 1, flags: FLAG.endStream, payload: headerBlock(getFields()) }),
      ...times(20_000, () => frame(FRAME.continuation, { stream: 1 })),
    ]),
  ],
};
