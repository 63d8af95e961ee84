import { get, post } from '../../support/raw-client.ts';
import type { EdgeCase, EdgeClass } from '../edge-case.ts';
import { either, type Passing, passes, refused } from '../rules.ts';

/** Classes `headers` (what a client may not say in the name of the edge) and `hop-by-hop`. */

function to(what: string, lines: readonly string[], rule: Passing, more: Partial<EdgeCase> = {}): EdgeCase {
  return { what, send: get('/', lines), source: 'design 4', rule: passes(rule), ...more };
}

const OURS = 'no RFC says it; backends believe their front';

/** Set from the connection, whatever the client says. */
const SET: readonly (readonly [string, string, string | RegExp])[] = [
  ['X-Forwarded-For', '6.6.6.6', '127.0.0.1'],
  ['x-forwarded-for', '6.6.6.6, 7.7.7.7', '127.0.0.1'],
  ['X-Forwarded-Proto', 'https', 'http'],
  ['X-Forwarded-Host', 'evil.example', 'shop'],
  ['X-Forwarded-Port', '443', /^\d+$/],
  ['X-Real-IP', '6.6.6.6', '127.0.0.1'],
];
/** Not for a stranger to say. */
const DROPPED = [
  'Forwarded: for=6.6.6.6;proto=https',
  'X-Forwarded-Prefix: /evil',
  'X-Original-URL: /admin',
  'X-Rewrite-URL: /admin',
  'X-Original-Host: evil',
  'X_Forwarded_For: 6.6.6.6',
  'X-Forwarded_For: 6.6.6.6',
  'X_Real_IP: 6.6.6.6',
  'X_Forwarded_Proto: https',
  'X_Forwarded_Host: evil',
  'Transfer_Encoding: chunked',
  'Content_Length: 40',
  'Proxy_Authorization: Basic eDp5',
  'Proxy: http://evil/',
  'proxy: http://evil/',
];

const HEADERS_CASES: readonly EdgeCase[] = [
  ...SET.map(([name, value, set]) =>
    to(
      `a client’s ${name}: ${value}`,
      [`${name}: ${value}`],
      { has: { [name.toLowerCase()]: set } },
      { stricter: OURS },
    ),
  ),
  ...SET.slice(1).map(([name, value, set]) =>
    to(
      `a client’s ${name}, twice`,
      [`${name}: ${value}`, `${name}: ${value}`],
      { has: { [name.toLowerCase()]: set } },
      { stricter: OURS },
    ),
  ),
  ...SET.map(([name, , set]) =>
    to(
      `Connection names ${name}`,
      [`Connection: ${name}`, `${name}: 6.6.6.6`],
      { has: { [name.toLowerCase()]: set } },
      { stricter: 'what a proxy sets itself is its own to keep' },
    ),
  ),
  ...DROPPED.map((line) =>
    to(
      `a client’s ${line}`,
      [line],
      { lacks: [line.slice(0, line.indexOf(':')).toLowerCase()] },
      { stricter: OURS },
    ),
  ),
  to(
    'fields in their order, none joined',
    ['Accept: a', 'X-One: 1', 'Accept: b'],
    { has: { accept: 'a, b', 'x-one': '1' } },
    { source: '9110 5.3' },
  ),
  to('an unknown field', ['X-Unknown: y'], { has: { 'x-unknown': 'y' } }, { source: '9110 5.1' }),
  to('an empty field', ['X-Empty:'], { has: { 'x-empty': '' } }, { source: '9110 5.5' }),
  to(
    'bytes over 0x7f in a value',
    ['X: caf\xe9 \xc3\xa9'],
    { has: { x: 'caf\xe9 \xc3\xa9' } },
    { source: '9110 5.5' },
  ),
  to(
    'Host as it came',
    ['X: y'],
    { has: { host: 'shop' } },
    { source: '9110 7.2', stricter: '9110 7.2 lets a gateway set its own' },
  ),
  to(
    'the Host of the absolute form',
    [],
    { target: '/x', has: { host: 'shop' } },
    { send: get('http://shop/x'), source: '9112 3.2.2' },
  ),
  to('Via names who passed it on', [], { has: { via: /\b1\.1 \S+/ } }, { source: '9110 7.6.3' }),
  to(
    'Via is appended to',
    ['Via: 1.0 other'],
    { has: { via: /^1\.0 other, 1\.1 \S+/ } },
    { source: '9110 7.6.3' },
  ),
  to(
    'Cookie as it came',
    ['Cookie: a=b; c="d;e"'],
    { has: { cookie: 'a=b; c="d;e"' } },
    { source: '6265 5.4' },
  ),
  to(
    'Authorization passes',
    ['Authorization: Basic eDp5'],
    { has: { authorization: 'Basic eDp5' } },
    { source: '9110 11.6.2' },
  ),
  to(
    'Range, If-None-Match and If-Modified-Since pass',
    ['Range: bytes=0-1', 'If-None-Match: "x"', 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
    { has: { range: 'bytes=0-1', 'if-none-match': '"x"', 'if-modified-since': /1970/ } },
    { source: '9110 13, 14' },
  ),
  to(
    'Accept-Encoding as it came, and none where none was',
    [],
    { lacks: ['accept-encoding'] },
    { source: '9110 12.5.3' },
  ),
  to(
    'Max-Forwards is left alone but for TRACE and OPTIONS',
    ['Max-Forwards: 3'],
    { has: { 'max-forwards': '3' } },
    { source: '9110 7.6.2' },
  ),
  {
    what: 'answers in their order, Set-Cookie not joined',
    send: get('/'),
    source: '9110 5.3',
    replies: [
      {
        says: ['HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX: 1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n'],
      },
    ],
    rule: passes({ answer: { has: { 'set-cookie': 'a=1, b=2' } } }),
  },
  {
    what: 'Server and Date of the backend stay',
    send: get('/'),
    source: '9110 6.6.1, 10.2.4',
    stricter: '9110 has no rule for Server on a gateway',
    replies: [
      {
        says: [
          'HTTP/1.1 200 OK\r\nServer: own\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n',
        ],
      },
    ],
    rule: passes({ answer: { has: { server: 'own', date: 'Thu, 01 Jan 1970 00:00:00 GMT' } } }),
  },
  {
    what: 'Content-Length of an answer to HEAD stays',
    send: 'HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n',
    methods: ['HEAD'],
    source: '9110 8.6',
    replies: [{ says: ['HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n'] }],
    rule: passes({ answer: { has: { 'content-length': '77' } } }),
  },
  {
    what: 'a coded body stays as it is',
    send: get('/', ['Accept-Encoding: identity']),
    source: '9110 7.7',
    replies: [
      { says: ['HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x00'] },
    ],
    rule: passes({ answer: { body: '\x1f\x8b\x00', has: { 'content-encoding': 'gzip' } } }),
  },
];

const SECTION = { source: '9110 7.6.1' };

const HOP_BY_HOP_CASES: readonly EdgeCase[] = [
  ...[
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'Upgrade: x',
    'TE: trailers, gzip',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ].map((line) =>
    to(
      `${line} without Connection`,
      [line],
      // TE may be made anew, as long as it says no more than `trailers` (9110 10.1.4).
      line.startsWith('TE') ? { has: {}, lacks: [] } : { lacks: [nameOf(line)] },
      line.startsWith('HTTP2')
        ? { ...SECTION, stricter: 'only 7540 3.2.1 had it; 9113 has it no more' }
        : SECTION,
    ),
  ),
  ...[
    'X-Secret: 1',
    'Cookie-Jar: 1',
    'Keep-Alive: 5',
    'Upgrade-Insecure-Requests: 1',
    'Accept-Language: de',
  ].map((line) =>
    to(
      `Connection names ${nameOf(line)}`,
      [`Connection: ${nameOf(line)}`, line],
      { lacks: [nameOf(line)] },
      SECTION,
    ),
  ),
  to(
    'Connection names several',
    ['Connection: X-A, x-b ,X-C', 'X-A: 1', 'X-B: 2', 'X-C: 3', 'X-D: 4'],
    { lacks: ['x-a', 'x-b', 'x-c'], has: { 'x-d': '4' } },
    SECTION,
  ),
  to(
    'two Connections',
    ['Connection: X-A', 'X-A: 1', 'Connection: X-B', 'X-B: 2'],
    { lacks: ['x-a', 'x-b'] },
    SECTION,
  ),
  to(
    'Connection names one in other case',
    ['Connection: x-SECRET', 'X-Secret: 1'],
    { lacks: ['x-secret'] },
    SECTION,
  ),
  to(
    'Connection names one that comes before it',
    ['X-Secret: 1', 'Connection: X-Secret'],
    { lacks: ['x-secret'] },
    SECTION,
  ),
  to(
    'Connection names one that comes twice',
    ['Connection: X-A', 'X-A: 1', 'X-A: 2'],
    { lacks: ['x-a'] },
    SECTION,
  ),
  to('Connection with empty members', ['Connection: , ,X-A,,', 'X-A: 1'], { lacks: ['x-a'] }, SECTION),
  to(
    'Connection names nothing that is there',
    ['Connection: X-Nothing', 'X-A: 1'],
    { has: { 'x-a': '1' } },
    SECTION,
  ),
  to('Connection names a part of a name', ['Connection: X', 'X-A: 1'], { has: { 'x-a': '1' } }, SECTION),
  to('Connection itself is made anew', ['Connection: X-A'], { lacks: ['x-a'] }, SECTION),
  {
    what: 'Connection names Host',
    send: get('/', ['Connection: Host']),
    source: '9110 7.6.1, 9112 3.2',
    rule: either(passes({ has: { host: /./ } }), refused(400)),
  },
  {
    what: 'Connection names Content-Length',
    send: post('/', 'hi', ['Connection: Content-Length']),
    source: '9110 7.6.1, 9112 6',
    rule: either(passes({ body: 'hi' }), refused(400)),
  },
  {
    what: 'Connection names Transfer-Encoding',
    send: 'POST / HTTP/1.1\r\nHost: a\r\nConnection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    source: '9110 7.6.1, 9112 6',
    rule: either(passes({ body: 'hi' }), refused(400)),
  },
  to(
    'TE: trailers, named by Connection',
    ['Connection: TE', 'TE: trailers'],
    { has: {} },
    { source: '9110 10.1.4' },
  ),
  to(
    'TE with codings does not pass',
    ['Connection: TE', 'TE: gzip, trailers'],
    {},
    {
      source: '9110 10.1.4',
      rule: either(passes({ lacks: ['te'] }), passes({ has: { te: 'trailers' } })),
    },
  ),
  to(
    'Proxy-Authorization is not the backend’s',
    ['Proxy-Authorization: Basic x'],
    { lacks: ['proxy-authorization'] },
    { source: '9110 11.7.2', stricter: '9110 11.7.2 lets it be relayed' },
  ),
  ...hopsOfAnswers(),
];

function nameOf(line: string): string {
  return line.slice(0, line.indexOf(':')).toLowerCase();
}

/** The same on the way back. */
function hopsOfAnswers(): readonly EdgeCase[] {
  const rows: readonly (readonly [string, readonly string[], readonly string[], string?])[] = [
    ['Keep-Alive', ['Connection: keep-alive', 'Keep-Alive: timeout=77'], ['keep-alive: timeout=77']],
    ['a field that Connection names', ['Connection: X-Hop', 'X-Hop: 1'], ['x-hop']],
    [
      'several that Connection names',
      ['Connection: close, X-A', 'Connection: x-b', 'X-A: 1', 'X-B: 2'],
      ['x-a', 'x-b'],
    ],
    ['Proxy-Connection', ['Proxy-Connection: close'], ['proxy-connection']],
    ['Upgrade without Connection', ['Upgrade: h2c'], ['upgrade']],
    [
      'Proxy-Authenticate',
      ['Proxy-Authenticate: Basic'],
      ['proxy-authenticate'],
      '9110 11.7.1 lets it be relayed',
    ],
    ['Trailer stays no harm', ['Connection: X-Hop', 'X-Hop: 1', 'Trailer: X-Sum'], ['x-hop']],
  ];
  return rows.map(([what, lines, lacks, stricter]) => ({
    what: `of an answer: ${what}`,
    send: get('/'),
    source: '9110 7.6.1',
    ...(stricter === undefined ? {} : { stricter }),
    replies: [{ says: [`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`] }],
    rule: passes({ answer: { lacks: lacks.filter((name) => !name.includes(':')) } }),
  }));
}

/** What a client says in the name of the edge, and what passes untouched. */
export const HEADERS: EdgeClass = { name: 'headers', cases: HEADERS_CASES };

/** What belongs to one connection. */
export const HOP_BY_HOP: EdgeClass = { name: 'hop-by-hop', cases: HOP_BY_HOP_CASES };
