import { type DrawnRequest, insertAnywhere, renderRequest } from './draw-request.ts';
import type { Random } from './random.ts';

/** Ways to break a request, each in one place. Most are what attackers send and careless clients. */

type InParts = (request: DrawnRequest, random: Random) => void;
type InBytes = (bytes: string, random: Random) => string;

const FRAMING_LINES = [
  ...[
    'Content-Length: 5',
    'Content-Length: 0',
    'Content-Length: +5',
    'Content-Length: 5, 5',
    'Content-Length: -1',
  ],
  ...[
    'Content-Length: 0x5',
    'Content-Length:',
    'Content-Length: 99999999999999999999',
    'Content-Length: 1e1',
  ],
  ...[
    'Content_Length: 5',
    'Content-Length : 5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
  ],
  ...['Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: xchunked'],
  ...[
    'Transfer-Encoding:',
    'Transfer-Encoding: "chunked"',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding:\tchunked',
  ],
  ...['Transfer-Encoding: chunked;q=1', 'Transfer-Encoding: chunked,', 'Transfer_Encoding: chunked'],
  ...['Connection: Transfer-Encoding', 'Connection: Content-Length, close', 'Connection: Host'],
];
const HOST_LINES = [
  'Host: other.example',
  'Host: shop.example',
  'Host:',
  'Host: a b',
  'Host: a@b',
  'Host: a/b',
  'Host: a:x',
];
const BAD_LINES = [
  ...[
    ' folded',
    '\tfolded',
    ': no-name',
    'no colon',
    'Sp ace: x',
    'Name : x',
    'X-\xe9: x',
    'X: a\0b',
    'X: a\x01b',
  ],
  ...[
    'X: a\rb',
    'X: a\nb',
    'X: a\x7fb',
    '"x": y',
    'X(y): z',
    '=',
    'GET / HTTP/1.1',
    'X: \x0bz',
    'X@y: z',
    'X:y:z',
    'X;y: z',
  ],
];
const VERSIONS = [
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1',
  'HTTP/1.10',
  'http/1.1',
  'HTTP/1,1',
  'ICY/1.1',
  '',
  'HTTP/9.9',
  'HTTP/1.1 ',
];
const BAD_TARGETS = [
  '*',
  'a',
  '?a',
  '/a#b',
  '/a\tb',
  '/a b',
  '/a\x01',
  'http://',
  'http://u@shop.example/',
  'ftp://shop.example/',
  'http://other.example/',
  '',
  '/\xff',
  'shop.example:443',
  '//',
  'http://shop.example#x',
];
const BAD_METHODS = [
  'CONNECT',
  'G ET',
  'GE/T',
  '',
  'G\xcbT',
  '(GET)',
  'PRI',
  'GETGETGETGETGETGET',
  'SOURCE',
  'HTTP/1.1',
  ' GET',
];
const CHUNK_SIZES = [
  '',
  'g',
  '-1',
  '+1',
  '0x1',
  '1 ',
  ' 1',
  '1;',
  '1;=',
  '1;a=',
  '1;a="',
  '1\t',
  'ffffffffffffffffff',
  '1_0',
  '1;\x01',
  '1;a b',
  '1,1',
  '10000000000000000',
];
const ODD_BYTES = [
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
  '\xff',
  ',',
  ';',
  '/',
  'A',
  '0',
  '"',
  '\\',
];

const IN_PARTS: readonly InParts[] = [
  (request, random) => insertAnywhere(request.lines, random.pick(FRAMING_LINES), random),
  (request, random) => insertAnywhere(request.lines, random.pick(FRAMING_LINES), random),
  (request, random) => insertAnywhere(request.lines, random.pick(HOST_LINES), random),
  (request, random) => insertAnywhere(request.lines, random.pick(BAD_LINES), random),
  (request, random) => insertAnywhere(request.lines, random.pick(BAD_LINES), random),
  (request) => {
    request.lines = request.lines.filter((line) => !/^host:/i.test(line));
  },
  (request, random) => {
    request.version = random.pick(VERSIONS);
  },
  (request, random) => {
    request.target = random.pick(BAD_TARGETS);
  },
  (request, random) => {
    request.method = random.pick(BAD_METHODS);
  },
  (request, random) => {
    if (random.chance(0.5)) request.target = `/${'u'.repeat(20_000)}`;
    else request.lines.push(`X-Long: ${'v'.repeat(40_000)}`);
  },
  (request) => {
    request.lines.push(...Array.from({ length: 210 }, (_, i) => `X-${i}: v`));
  },
];

const IN_BYTES: readonly InBytes[] = [
  (bytes, random) => `${random.pick(['\r\n', '\r\n\r\n', '\n', '\r', ' ', '\0', '\t', '\r\n\n'])}${bytes}`,
  (bytes, random) => bytes.replace(' ', random.pick(['  ', '\t', ' \t', '\x0b'])),
  (bytes) => bytes.replace('\r\n', '\n'),
  (bytes) => bytes.replace('\r\n\r\n', '\n\n'),
  (bytes) => bytes.replace('\r\n\r\n', '\r\n\n'),
  (bytes, random) => bytes.replace(/(\r\n\r\n)([0-9a-f]+)/i, (_all, end) => end + random.pick(CHUNK_SIZES)),
  (bytes, random) =>
    bytes.replace(
      /0\r\n\r\n$/,
      random.pick([
        '0\r\n',
        '',
        '0\r\n: x\r\n\r\n',
        '0\r\nX: a\0\r\n\r\n',
        '0\n\n',
        '00;x\r\n\r\n',
        '0\r\nHost: x\r\n\r\n',
      ]),
    ),
  (bytes, random) =>
    bytes.replace(
      /([^\n])\r\n(?=[0-9a-f]+\r\n)/,
      (_all, last) => last + random.pick(['\n', 'x\r\n', '', '\r\n\r\n', '\r']),
    ),
  (bytes, random) => {
    const at = random.below(Math.min(bytes.length, 200));
    return bytes.slice(0, at) + random.pick(ODD_BYTES) + bytes.slice(at);
  },
  (bytes, random) => {
    const at = random.below(Math.min(bytes.length, 200));
    return bytes.slice(0, at) + random.pick(ODD_BYTES) + bytes.slice(at + 1);
  },
  (bytes, random) => {
    const at = random.below(Math.min(bytes.length, 200));
    return bytes.slice(0, at) + bytes.slice(at + 1);
  },
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
];

/** The bytes of this request, broken once or, seldom, twice. */
export function breakRequest(request: DrawnRequest, random: Random): string {
  const times = random.chance(0.1) ? 2 : 1;
  let asBytes = 0;
  for (let i = 0; i < times; i++) {
    if (random.chance(0.5)) random.pick(IN_PARTS)(request, random);
    else asBytes++;
  }
  let bytes = renderRequest(request);
  for (let i = 0; i < asBytes; i++) bytes = random.pick(IN_BYTES)(bytes, random);
  return bytes;
}
