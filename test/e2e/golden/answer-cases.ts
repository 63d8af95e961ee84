import { gzipSync } from 'node:zlib';
import { chunked } from '../../support/raw-message.ts';
import { answerBytes, answering, type GoldenCase, headBytes } from './golden-case.ts';

/** What a monolith answers: statuses, framings, fields, redirects, interim answers. */

const STATUSES = [
  ...[
    '200 OK',
    '200 ',
    '200 caf\xe9',
    '201 Created',
    '202 Accepted',
    '203 Other',
    '205 Reset Content',
    '206 Partial Content',
  ],
  ...[
    '207 Multi-Status',
    '226 IM Used',
    '299 Own',
    '300 Choices',
    '400 Bad Request',
    '401 Unauthorized',
    '402 Pay',
  ],
  ...[
    '403 Forbidden',
    '404 Not Found',
    '405 No',
    '406 No',
    '409 Conflict',
    '410 Gone',
    '412 No',
    '413 Too Large',
    '415 No',
  ],
  ...[
    '416 Range',
    '417 No',
    '418 Teapot',
    '421 Misdirected',
    '422 No',
    '423 Locked',
    '425 Too Early',
    '429 Slow down',
  ],
  ...[
    '431 Large',
    '451 Legal',
    '499 Own',
    '500 Oops',
    '501 Not built',
    '502 Bad',
    '503 Busy',
    '504 Late',
    '599 Own',
  ],
];

const FIELDS: readonly (readonly [name: string, ...lines: string[]])[] = [
  [
    'several Set-Cookie',
    'Set-Cookie: a=1; Path=/; HttpOnly',
    'Set-Cookie: b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
    'set-cookie: a=3',
  ],
  ['cookie paths and domains', 'Set-Cookie: s=1; path=/shop; Domain=.shop.example; SameSite=None; Secure'],
  ['a malformed cookie', 'Set-Cookie: ;;=x, y'],
  ['odd case of names', 'cOnTeNt-TyPe: text/html', 'X-ODD: 1', 'x-odd: 2', 'ETAG: "x"'],
  [
    'caching',
    'ETag: W/"a"',
    'Last-Modified: Sat, 29 Oct 1994 19:43:31 GMT',
    'Cache-Control: private, max-age=0',
    'Vary: *',
    'Expires: 0',
    'Age: 3',
  ],
  ['Date and Server', 'Date: Sat, 29 Oct 1994 19:43:31 GMT', 'Server: Apache/1.3', 'X-Powered-By: PHP/4'],
  ['no Date', 'X-No: date'],
  ['an empty value', 'X-Empty:', 'X-After: 1'],
  ['bytes from 128 up', 'X-Bytes: caf\xe9\xff', 'Content-Disposition: attachment; filename="\xc3\xbc.txt"'],
  ['a long value', `X-Long: ${'v'.repeat(15_000)}`],
  ['many fields', ...Array.from({ length: 150 }, (_, i) => `X-Field-${i}: ${i}`)],
  ['challenges', 'WWW-Authenticate: Basic realm="a, b"', 'WWW-Authenticate: Bearer'],
  [
    'security fields',
    "Content-Security-Policy: default-src 'self'; script-src *",
    'Strict-Transport-Security: max-age=1',
  ],
  ['CORS', 'Access-Control-Allow-Origin: *', 'Access-Control-Expose-Headers: x, y'],
  ['Link and Alt-Svc', 'Link: </a.css>; rel=preload', 'Alt-Svc: h3=":443"'],
  ['Retry-After', 'Retry-After: 120'],
  ['Via of a proxy behind', 'Via: 1.1 varnish'],
  [
    'hop-by-hop fields',
    'Connection: X-Hop',
    'X-Hop: 1',
    'Keep-Alive: timeout=5, max=100',
    'Proxy-Authenticate: Basic',
  ],
  ['an Upgrade that nobody asked for', 'Upgrade: h2c', 'Connection: Upgrade'],
  ['a range', 'Content-Range: bytes 0-3/10', 'Accept-Ranges: bytes'],
  ['marks like the router’s', 'X-Request-Id: theirs', 'X-Forwarded-For: 9.9.9.9'],
];

const LOCATIONS = [
  ...[
    '/moved',
    'moved',
    '../up',
    '?q=1',
    '#f',
    '//other.example/x',
    'https://other.example/x',
    'http://other.example:81/',
  ],
  ...[
    'http://{backend}/own',
    'http://{backend}',
    'http://{backend}/?a=http://{backend}/',
    'mailto:a@b',
    'http://[::1]/x',
    '',
  ],
];

const HTML = '<p>caf\xe9</p>';

function framings(): GoldenCase[] {
  const gzip = gzipSync('x'.repeat(9999)).toString('latin1');
  return [
    answering('an empty body', answerBytes('200 OK')),
    answering('HTML', answerBytes('200 OK', ['Content-Type: text/html; charset=iso-8859-1'], HTML)),
    answering('gzip', answerBytes('200 OK', ['Content-Encoding: gzip', 'Vary: Accept-Encoding'], gzip)),
    answering('2 MB', answerBytes('200 OK', [], 'm'.repeat(2_000_000))),
    answering('no type', answerBytes('200 OK', [], HTML)),
    answering(
      'chunked',
      headBytes('200 OK', ['Transfer-Encoding: chunked']) + chunked(['a', 'bc', 'd'.repeat(70_000)]),
    ),
    answering('chunked, empty', headBytes('200 OK', ['Transfer-Encoding: chunked']) + chunked([])),
    answering('chunked, odd case', headBytes('200 OK', ['transfer-ENCODING: Chunked']) + chunked(['x'])),
    answering(
      'chunked with trailers',
      headBytes('200 OK', ['Trailer: X-Sum', 'Transfer-Encoding: chunked']) +
        chunked(['x'], ['X-Sum', '1', 'x-sum', '2']),
    ),
    answering(
      'chunked with extensions',
      `${headBytes('200 OK', ['Transfer-Encoding: chunked'])}1;a=b\r\nx\r\n0;z\r\n\r\n`,
    ),
    answering('ended by the connection', `${headBytes('200 OK', ['Content-Type: text/plain'])}to the end`, {
      closes: true,
    }),
    answering('ended by the connection, said', `${headBytes('200 OK', ['Connection: close'])}to the end`, {
      closes: true,
    }),
    answering('of HTTP/1.0', `${headBytes('HTTP/1.0 200 OK', ['Server: old'])}old`, { closes: true }),
    answering('of HTTP/1.0 with a length', answerBytes('HTTP/1.0 200 OK', ['Connection: keep-alive'], 'old')),
    answering('Connection: close', answerBytes('200 OK', ['Connection: close'], 'x'), { closes: true }),
    answering('204', headBytes('204 No Content', ['X-A: 1'])),
    answering('204 with a length', headBytes('204 No Content', ['Content-Length: 0'])),
    answering('304', headBytes('304 Not Modified', ['ETag: "a"'])),
    answering('304 with a length', headBytes('304 Not Modified', ['ETag: "a"', 'Content-Length: 1234'])),
    answering('HEAD with a length', headBytes('200 OK', ['Content-Length: 1234']), { method: 'HEAD' }),
    answering('HEAD, chunked', headBytes('200 OK', ['Transfer-Encoding: chunked']), { method: 'HEAD' }),
    answering('HEAD without a length', headBytes('200 OK', ['X-A: 1']), { method: 'HEAD' }),
    answering('HEAD, 404', headBytes('404 Not Found', ['Content-Length: 9']), { method: 'HEAD' }),
    answering(
      '426 with its Upgrade',
      answerBytes('426 Upgrade Required', ['Upgrade: websocket', 'Connection: Upgrade']),
    ),
  ];
}

function interims(): GoldenCase[] {
  const hints = headBytes('103 Early Hints', ['Link: </a.css>; rel=preload', 'link: </b.css>']);
  return [
    answering('103 before it', hints + answerBytes('200 OK', [], 'x')),
    answering(
      'two 103 and a 102 before it',
      hints + headBytes('102 Processing') + hints + answerBytes('200 OK', [], 'x'),
    ),
    answering('an unasked 100 before it', headBytes('100 Continue') + answerBytes('200 OK', [], 'x')),
    answering('103 before a 404 to HEAD', hints + headBytes('404 No', ['Content-Length: 3']), {
      method: 'HEAD',
    }),
  ];
}

/** Cases about answers. */
export function answerCases(): GoldenCase[] {
  return [
    ...STATUSES.map((status) => answering(status, answerBytes(status, ['X-A: 1'], `body of ${status}`))),
    ...FIELDS.map(([name, ...lines]) => answering(`fields: ${name}`, answerBytes('200 OK', lines, 'x'))),
    ...LOCATIONS.map((location, index) =>
      answering(
        `Location: ${location}`,
        answerBytes(['301 Moved', '302 Found', '303 See', '307 Same', '201 Made'][index % 5]!, [
          `Location: ${location}`,
        ]),
      ),
    ),
    ...framings(),
    ...interims(),
  ];
}
