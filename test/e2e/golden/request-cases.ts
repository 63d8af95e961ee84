import { chunked } from '../../support/raw-message.ts';
import { asking, type GoldenCase } from './golden-case.ts';

/** What clients send: every method that the front can read, bodies, targets, fields. */

const METHODS = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'COPY', 'LOCK', 'MKCOL', 'MOVE'],
  ...['PROPFIND', 'PROPPATCH', 'SEARCH', 'UNLOCK', 'REPORT', 'MERGE', 'M-SEARCH', 'PURGE', 'LINK', 'UNLINK'],
];

const WITH_BODY = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'SEARCH'];

const BODIES: readonly (readonly [name: string, type: string | null, body: string])[] = [
  ['JSON', 'application/json', '{"a": 1,\n "b": [true, null]}'],
  ['JSON that is none', 'application/json', '{not json'],
  ['empty JSON', 'application/json', ''],
  ['a form', 'application/x-www-form-urlencoded', 'a=1&b=%20&a=2&c'],
  [
    'multipart',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n\x00\xff\r\n--x--\r\n',
  ],
  ['text in latin1', 'text/plain; charset=iso-8859-1', 'caf\xe9'],
  ['XML', 'application/xml', '<?xml version="1.0"?><a/>'],
  ['protobuf', 'application/x-protobuf', '\x08\x96\x01\x00'],
  ['a type that nobody knows', 'x-own/thing;v="1;2"', 'x'],
  ['a malformed type', '////', 'x'],
  ['no type', null, 'untyped'],
  [
    'every byte',
    'application/octet-stream',
    String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i)),
  ],
  ['300 kB', 'application/octet-stream', 'x'.repeat(300_000)],
  ['what looks like a request', 'text/plain', 'GET /evil HTTP/1.1\r\nHost: x\r\n\r\n'],
];

const TARGETS = [
  ...[
    '/',
    '/?',
    '/?a',
    '/?a=1&a=2&b[]=3',
    '/a?b?c',
    '/a?/../b',
    '/a?q=%zz&r=%',
    '/a?x=%00',
    '/a?next=http://x/y',
  ],
  ...[
    '/a/b/',
    '//cdn//x',
    '/a/./b',
    '/a/../b',
    '/.well-known/acme',
    '/files/..hidden',
    '/@scope%2fname',
    '/%7Euser',
    '/%41',
  ],
  ...[
    '/search;jsessionid=1?x=1',
    '/a%20b',
    '/caf%C3%A9',
    '/caf%E9',
    '/%F0%9F%8C%B3',
    '/a+b,c:d=e&f',
    "/a'(b)*!$",
  ],
  ...[
    '/index.php',
    '/a.b.c',
    '/A/b/C',
    '/x/:id',
    '/x/*',
    '/a|b',
    '/%0A',
    '/%5Bx%5D',
    `/${'long/'.repeat(1500)}`,
  ],
  `/?${'q=1&'.repeat(2000)}`,
];

const FIELDS: readonly (readonly [name: string, ...lines: string[]])[] = [
  ['cookies', 'Cookie: a=1; b="2"; c'],
  ['several Cookie fields', 'Cookie: a=1', 'Cookie: b=2'],
  ['a cookie with odd bytes', 'Cookie: a=\xff\xfe; =x; ;;'],
  ['a range', 'Range: bytes=0-3,-5', 'If-Range: "v1"'],
  ['If-None-Match', 'If-None-Match: W/"a", "b,c"'],
  ['If-Modified-Since', 'If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT'],
  ['If-Match and If-Unmodified-Since', 'If-Match: *', 'If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT'],
  ['codings', 'Accept-Encoding: br;q=1.0, gzip;q=0.8, *;q=0.1'],
  ['languages and charsets', 'Accept-Language: de-CH, fr;q=0.9', 'Accept-Charset: utf-8'],
  ['Accept', 'Accept: text/html;level=1, */*;q=0.1'],
  ['odd case of names', 'aCCept: */*', 'X-cUsToM-ID: 7', 'DNT: 1', 'uSER-aGENT: Odd/1'],
  ['names with odd bytes', "x!#$%&'*+-.^_`|~9: 1"],
  ['an underscore in a name', 'my_field: 1'],
  ['the same field three times', 'X-Same: 1', 'X-Other: o', 'x-same: 2', 'X-Same: 1'],
  ['an empty value', 'X-Empty:', 'X-Blank:   '],
  ['blanks around a value', 'X-Wide: \t wide  value \t'],
  ['bytes from 128 up', 'X-Bytes: caf\xe9 \xff\x80'],
  ['UTF-8 in a value', 'X-Utf8: Z\xc3\xbcrich'],
  ['a long value', `X-Long: ${'v'.repeat(12_000)}`],
  ['many fields', ...Array.from({ length: 150 }, (_, i) => `X-Field-${i}: ${i}`)],
  ['Basic credentials', 'Authorization: Basic dXNlcjpwYXNz'],
  ['Bearer credentials', 'Authorization: Bearer a.b.c=='],
  ['CORS', 'Origin: https://other.example', 'Sec-Fetch-Mode: cors'],
  ['Referer', 'Referer: http://user:pw@x/y?z#f'],
  ['Pragma and Cache-Control', 'Pragma: no-cache', 'Cache-Control: no-store, max-age=0'],
  [
    'Trace context',
    'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'tracestate: a=b',
  ],
  ['Via of a proxy before', 'Via: 1.0 fred, 1.1 p.example.com'],
  ['Max-Forwards', 'Max-Forwards: 3'],
  ['X-HTTP-Method-Override', 'X-HTTP-Method-Override: DELETE'],
  [
    'hop-by-hop fields',
    'Connection: keep-alive, X-Secret',
    'Keep-Alive: timeout=5',
    'X-Secret: s',
    'Proxy-Connection: keep-alive',
  ],
  ['proxy credentials', 'Proxy-Authorization: Basic eA=='],
  ['TE', 'TE: trailers, deflate', 'Connection: TE'],
  [
    'an offer of h2c',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ],
  ['an Upgrade that Connection does not name', 'Upgrade: foo/2'],
  [
    'forwarded fields of a stranger',
    'X-Forwarded-For: 1.2.3.4',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: evil',
    'X-Forwarded-Port: 1',
    'X-Forwarded-Prefix: /x',
    'X-Real-IP: 1.2.3.4',
    'Forwarded: for=1.2.3.4',
  ],
  [
    'forwarded fields with underscores',
    'X_Forwarded_For: 1.2.3.4',
    'X-Forwarded_Proto: https',
    'X_Real_IP: 6',
  ],
  ['a request id of a stranger', 'X-Request-Id: theirs'],
  ['fields that rewrite the path', 'X-Original-URL: /admin', 'X-Rewrite-URL: /admin', 'X-Original-Host: h'],
  ['Proxy (httpoxy)', 'Proxy: http://evil'],
  ["the router's own marks", 'x-banyan-side: feature', 'X-Banyan-Route: x'],
  ['an expectation that nobody knows', 'Expect: the-unexpected'],
];

const CHUNKED: readonly (readonly [name: string, pieces: string[], trailers?: string[], extra?: string[]])[] =
  [
    ['one chunk', ['hello']],
    ['many chunks', ['a', 'bc', 'd'.repeat(5000), '\r\n', '0\r\n\r\n']],
    ['no chunk', []],
    ['a trailer', ['sum me'], ['X-Sum', 'abc'], ['Trailer: X-Sum']],
    ['several trailers, odd case', ['x'], ['x-SUM', '1', 'X-sum', '2', 'ETag', '"v"']],
  ];

/** Cases about requests. */
export function requestCases(): GoldenCase[] {
  return [
    ...METHODS.map((method) => asking(method, { method, target: `/m/${method}` })),
    ...WITH_BODY.map((method) => asking(`${method} with a body`, { method, body: `body of ${method}` })),
    ...BODIES.map(([name, type, body]) =>
      asking(`body: ${name}`, {
        method: 'POST',
        body,
        lines: type === null ? [] : [`Content-Type: ${type}`],
      }),
    ),
    asking('body: gzip', { method: 'PUT', body: '\x1f\x8b\x08\x00gz', lines: ['Content-Encoding: gzip'] }),
    ...CHUNKED.map(([name, pieces, trailers = [], extra = []]) =>
      asking(`chunked: ${name}`, {
        method: 'POST',
        framed: chunked(pieces, trailers),
        lines: [...extra, 'Transfer-Encoding: chunked'],
      }),
    ),
    asking('chunked: odd case of the field', {
      method: 'POST',
      framed: chunked(['x']),
      lines: ['tRANSFER-encoding: Chunked'],
    }),
    ...TARGETS.map((target) => asking(`target ${target.slice(0, 40)}`, { target })),
    asking('absolute form', { target: 'http://shop.example/abs/../x?y' }),
    asking('OPTIONS *', { method: 'OPTIONS', target: '*' }),
    ...FIELDS.map(([name, ...lines]) => asking(`fields: ${name}`, { lines })),
    asking('HTTP/1.0', { version: 'HTTP/1.0' }),
    asking('HTTP/1.0 kept', { version: 'HTTP/1.0', lines: ['Connection: keep-alive'] }),
    asking('HTTP/1.0 POST', { method: 'POST', version: 'HTTP/1.0', body: 'old' }),
    asking('Connection: close', { lines: ['Connection: close'] }),
  ];
}
