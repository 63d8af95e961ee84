import { chunked } from '../support/raw-message.ts';
import type { Random } from './random.ts';

/** A request that follows RFC 9112, ordinary or odd, still in parts so that it can be broken. Strings are latin1. */
export interface DrawnRequest {
  method: string;
  target: string;
  version: string;
  /** Field lines without their CRLF. */
  lines: string[];
  /** With its framing. */
  body: string;
}

const METHODS = [
  ...['GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE'],
  ...['PROPFIND', 'QUERY', 'PURGE', 'M-SEARCH', 'BREW', 'get', 'x!y'],
];
const TARGETS = [
  ...['/', '/a/b', '/a?b=c', '/?', '/a?b=%zz?', '//a//b', '/x/.../y', '/files/..hidden', '/a/../b', '/./a'],
  ...[
    '/caf%E9',
    '/caf\xc3\xa9',
    '/a%2Fb',
    '/a;b=1/c',
    '/a\\b',
    '/a|b^"<>{}',
    '/%zz',
    '/$&$1:x*',
    '/%00',
    '/a%20b',
  ],
  ...['http://shop.example/a', 'http://SHOP.example:80/a?b', 'https://shop.example/', 'http://shop.example'],
];
const FIELDS = [
  ...['Accept: text/plain', 'Accept: application/json', 'Accept:*/*', 'User-Agent: test/1.0 (x)', 'X-Empty:'],
  ...[
    'X-Blank: \t a b \t',
    'X-Twice: 1',
    'x-twice: 2',
    'X-Latin: \xe9\xff',
    'X-Quoted: "a, b"',
    'Cookie: a=b; c=d',
  ],
  ...['Cookie: e=f', 'TE: trailers', 'X-Forwarded-For: 1.2.3.4', 'X-Real-IP: 1.2.3.4', 'Forwarded: for=x'],
  ...[
    'Via: 1.1 other',
    'Via: 1.1 banyan, 1.0 banyan',
    'Via: 1.1 banyan',
    'X-Request-Id: mine',
    'x-banyan-side: x',
  ],
  ...[
    'Keep-Alive: timeout=5',
    'Proxy-Authorization: x',
    'Proxy-Connection: keep-alive',
    'Proxy: x',
    'X_Real_IP: x',
  ],
  ...[
    'Expect: the-unexpected',
    'Range: bytes=0-1',
    'If-None-Match: "x"',
    'Content-Type: ;;; odd',
    'Upgrade: foo',
  ],
  ...[
    'Connection: keep-alive',
    'Connection: X-Twice, Cookie',
    'Connection: close',
    'Connection: , ,',
    'Max-Forwards: 0',
  ],
  ...['Trailer: X-Sum', 'Content-Encoding: gzip', 'traceparent: 00-x', 'X-Original-URL: /admin', 'Referer: '],
];
const BODIES = [
  '',
  'x',
  'hello',
  'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
  '0\r\n\r\n',
  '\0\xff\r\n',
  'b'.repeat(3000),
];
const TRAILERS = [[], [], ['X-Sum', '1'], ['X-Sum', '1', 'x-sum', '\xe9'], ['Content-Length', '5']];
const UPGRADES = [
  ['Connection: Upgrade', 'Upgrade: websocket'],
  ['Connection: keep-alive, upgrade', 'Upgrade: websocket, chat/2'],
  ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ'],
  ['Connection: upgrade', 'Upgrade: TLS/1.0'],
];

/** Draws a request that should be understood. */
export function drawRequest(random: Random): DrawnRequest {
  const method = random.pick(METHODS);
  const isOld = random.chance(0.06);
  const drawn: DrawnRequest = {
    method,
    target: method === 'OPTIONS' && random.chance(0.3) ? '*' : random.pick(TARGETS),
    version: isOld ? 'HTTP/1.0' : random.chance(0.02) ? 'HTTP/1.7' : 'HTTP/1.1',
    lines: random.some(FIELDS, 0.06),
    body: '',
  };
  if (!isOld || random.chance(0.5)) insertAnywhere(drawn.lines, `Host: ${random.pick(HOSTS)}`, random);
  if (random.chance(0.08))
    for (const line of random.pick(UPGRADES)) insertAnywhere(drawn.lines, line, random);
  if (random.chance(method === 'GET' ? 0.15 : 0.6)) addBody(drawn, random);
  return drawn;
}

/** Its bytes. */
export function renderRequest({ method, target, version, lines, body }: DrawnRequest): string {
  return `${[`${method} ${target} ${version}`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

/** Puts a line at any place among the others. */
export function insertAnywhere(lines: string[], line: string, random: Random): void {
  lines.splice(random.below(lines.length + 1), 0, line);
}

const HOSTS = [
  'shop.example',
  'shop.example',
  'shop.example',
  'shop.example:80',
  'SHOP.Example.',
  '[::1]:80',
  'a_b',
];

function addBody(drawn: DrawnRequest, random: Random): void {
  const body = random.chance(0.04) ? 'L'.repeat(100_000) : random.pick(BODIES);
  if (random.chance(0.12)) insertAnywhere(drawn.lines, 'Expect: 100-continue', random);
  if (drawn.version !== 'HTTP/1.0' && random.chance(0.5)) {
    insertAnywhere(
      drawn.lines,
      random.pick(['Transfer-Encoding: chunked', 'transfer-encoding: Chunked']),
      random,
    );
    drawn.body = drawChunked(body, random);
  } else {
    const length = `${random.chance(0.05) ? '00' : ''}${body.length}`;
    insertAnywhere(drawn.lines, `Content-Length: ${length}`, random);
    drawn.body = body;
  }
}

function drawChunked(body: string, random: Random): string {
  const pieces: string[] = [];
  for (let at = 0; at < body.length; ) {
    const size = 1 + random.below(random.chance(0.3) ? body.length : 4 + body.length / 4);
    pieces.push(body.slice(at, at + size));
    at += size;
  }
  const framed = chunked(pieces, random.pick(TRAILERS));
  if (!random.chance(0.15)) return framed;
  const extension = random.pick([';a', ';a=b', '; a="b;c"', ';a=1;b', ' ;a', ';a = b']);
  return framed.replace(/^[0-9a-f]+/, (size) =>
    random.pick([`000${size}`, size.toUpperCase(), size + extension]),
  );
}
