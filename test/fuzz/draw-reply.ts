import type { Random } from '../differential/random.ts';
import { chunked } from '../support/raw-message.ts';
import { type After, type FuzzReply, TAG } from './fuzz-case.ts';

/** What backends send: right, odd and wrong. Every byte of a body is the exchange's own mark, so that none is mixed up. */

const STATUSES = [200, 200, 200, 200, 201, 206, 301, 400, 404, 418, 500, 502, 503, 599];
const FIELDS = [
  ...[
    'Set-Cookie: a=b',
    'Set-Cookie: c=d; Path=/',
    'X-Latin: \xe9\xff',
    'X-Empty:',
    'Content-Type: text/html',
  ],
  ...[
    'Connection: keep-alive, X-Hop',
    'X-Hop: 1',
    'Keep-Alive: timeout=5',
    'Vary: *',
    'ETag: "x"',
    'Via: 1.0 x',
  ],
  ...['Location: /elsewhere', 'Trailer: X-Sum', 'Cache-Control: public', 'Upgrade: h2c', 'Server: odd'],
];

interface Right {
  readonly name: string;
  readonly head: string;
  readonly body: string;
  readonly after: After;
}

type Kind = (random: Random, mark: string) => Right;

function headOf(status: number, lines: readonly string[], random: Random): string {
  const all = ['X-Tag: ' + TAG, ...random.some(FIELDS, 0.08), ...lines];
  return `${[`HTTP/1.1 ${status} Status`, ...all].join('\r\n')}\r\n\r\n`;
}

/** Bytes of a body: mostly a few, seldom many. */
function drawMark(random: Random): string {
  const times = random.chance(0.03)
    ? 4_000 + random.below(8_000)
    : random.below(random.chance(0.2) ? 400 : 6);
  return TAG.repeat(times);
}

function withLength(random: Random, mark: string): Right {
  const head = headOf(random.pick(STATUSES), [`Content-Length: ${mark.length}`], random);
  return { name: 'length', head, body: mark, after: 'keep' };
}

function withChunks(random: Random, mark: string): Right {
  const pieces: string[] = [];
  for (let at = 0; at < mark.length; ) {
    const size = 1 + random.below(random.chance(0.2) ? mark.length : 30);
    pieces.push(mark.slice(at, at + size));
    at += size;
  }
  const trailers = random.chance(0.15) ? ['X-Sum', '1'] : [];
  const head = headOf(random.pick(STATUSES), ['Transfer-Encoding: chunked'], random);
  return { name: 'chunks', head, body: chunked(pieces, trailers), after: 'keep' };
}

function untilEnd(random: Random, mark: string): Right {
  return { name: 'until its end', head: headOf(200, [], random), body: mark, after: 'end' };
}

function old(random: Random, mark: string): Right {
  const { head, body } = random.chance(0.5) ? withLength(random, mark) : untilEnd(random, mark);
  return { name: 'HTTP/1.0', head: head.replace('HTTP/1.1', 'HTTP/1.0'), body, after: 'end' };
}

function empty(random: Random): Right {
  const lines = random.chance(0.3) ? ['Content-Length: 0'] : [];
  return { name: 'empty', head: headOf(random.pick([204, 304]), lines, random), body: '', after: 'keep' };
}

function hinted(random: Random, mark: string): Right {
  const right = withLength(random, mark);
  const interim = random.pick([
    ...['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n'],
    ...['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 199 X\r\nX: y\r\n\r\nHTTP/1.1 103 Y\r\n\r\n'],
  ]);
  return { ...right, name: '1xx', head: interim + right.head };
}

const KINDS: readonly Kind[] = [
  withLength,
  withLength,
  withLength,
  withChunks,
  withChunks,
  untilEnd,
  old,
  empty,
  hinted,
];

type Break = readonly [name: string, change: (bytes: string, random: Random) => string];

const ODD = [
  '\0',
  '\r',
  '\n',
  '\r\n',
  ' ',
  '\t',
  ':',
  '\x0b',
  '\x7f',
  '\x80',
  ',',
  ';',
  '0',
  'f',
  '-',
  '\r\n\r\n',
];

function insertLine(line: string) {
  return (bytes: string): string => bytes.replace('\r\nX-Tag', `\r\n${line}\r\nX-Tag`);
}

const BREAKS: readonly Break[] = [
  ['a second length', insertLine('Content-Length: 3')],
  ['a coding too', insertLine('Transfer-Encoding: chunked')],
  ['another coding', insertLine('Transfer-Encoding: gzip, chunked')],
  ['a list of lengths', (bytes) => bytes.replace(/(Content-Length: \d+)/, '$1, 3')],
  ['a signed length', (bytes) => bytes.replace('Content-Length: ', 'Content-Length: +')],
  ['a folded field', insertLine('X-Fold: a\r\n b')],
  ['a space before the colon', insertLine('X-Space : a')],
  ['no colon', insertLine('nonsense')],
  ['a control character', insertLine('X-Nul: a\0b')],
  ['bare LF', (bytes) => bytes.replace('\r\n', '\n')],
  ['bare LF at the end', (bytes) => bytes.replace('\r\n\r\n', '\n\n')],
  [
    'a bad status',
    (bytes, random) =>
      bytes.replace(/ \d{3} /, random.pick([' 99 ', ' 999 ', ' 20 ', ' 2000 ', ' abc ', ' 101 ', ' 000 '])),
  ],
  [
    'a bad version',
    (bytes, random) =>
      bytes.replace('HTTP/1.1', random.pick(['HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', 'ICY', 'HTTP/1.10', ''])),
  ],
  [
    'a bad chunk size',
    (bytes, random) =>
      bytes.replace(
        /\r\n[0-9a-f]+\r\n/,
        `\r\n${random.pick(['', 'g', '-1', '0x5', ' 5', '5 x', 'ffffffffffffffffff', '1;\x01', '5;a="'])}\r\n`,
      ),
  ],
  ['a chunk without its end', (bytes) => bytes.replace(/(@)\r\n([0-9a-f]+)\r\n/, '$1x$2\r\n')],
  ['bytes too many', (bytes) => `${bytes}more`],
  [
    'a second answer',
    (bytes) => `${bytes}HTTP/1.1 200 OK\r\nX-Tag: stolen\r\nContent-Length: 6\r\n\r\nstolen`,
  ],
  ['1xx without end', (bytes) => 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2_000) + bytes],
  ['too large a head', insertLine(`X-Large: ${'l'.repeat(300_000)}`)],
  ['too many fields', insertLine(Array.from({ length: 2_000 }, (_, i) => `X-${i}: y`).join('\r\n'))],
  [
    'an odd byte',
    (bytes, random) => change(bytes, random, (at) => [bytes.slice(0, at), random.pick(ODD), bytes.slice(at)]),
  ],
  [
    'another byte',
    (bytes, random) =>
      change(bytes, random, (at) => [bytes.slice(0, at), random.pick(ODD), bytes.slice(at + 1)]),
  ],
  [
    'a byte less',
    (bytes, random) => change(bytes, random, (at) => [bytes.slice(0, at), bytes.slice(at + 1)]),
  ],
];

function change(bytes: string, random: Random, parts: (at: number) => readonly string[]): string {
  return parts(random.below(Math.min(bytes.length, 300))).join('');
}

const SWITCH = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Tag: ${TAG}\r\n\r\n${TAG}`;

/** What a request lets a backend do. */
export interface ReplyTerms {
  readonly isUpgrade: boolean;
}

/** Draws what a backend does with a request. */
export function drawReply(random: Random, { isUpgrade }: ReplyTerms): FuzzReply {
  if (isUpgrade && random.chance(0.5))
    return { name: '101', pieces: [SWITCH], when: 'body', after: 'tunnel' };
  const { name, head, body, after } = random.pick(KINDS)(random, drawMark(random));
  const whole = head + body;
  const when = random.chance(0.04) ? 'head' : 'body';
  const right = { name, when, after, pieces: inPieces(whole, random) } as const;
  return random.chance(0.25) ? broken(right, whole, random) : right;
}

function broken(right: FuzzReply, whole: string, random: Random): FuzzReply {
  const dice = random.next();
  if (dice < 0.3) {
    const after = random.pick(['end', 'end', 'reset', 'reset', 'silence'] as const);
    const pieces = inPieces(whole.slice(0, random.below(whole.length + 1)), random);
    return { ...right, name: `${right.name}, ${after} within it`, pieces, after };
  }
  if (dice < 0.36 && right.after === 'keep')
    return { ...right, name: `${right.name}, more later`, after: 'late' };
  const [way, apply] = random.pick(BREAKS);
  // What cannot be read may want more bytes for ever: mostly it ends.
  const after = random.chance(0.8) ? 'end' : right.after;
  return { ...right, name: `${right.name}, ${way}`, pieces: inPieces(apply(whole, random), random), after };
}

function inPieces(bytes: string, random: Random): string[] {
  if (random.chance(0.75)) return [bytes];
  const cuts = Array.from({ length: 1 + random.below(3) }, () => random.below(bytes.length + 1)).sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((from, i) => bytes.slice(from, cuts[i] ?? bytes.length));
}
