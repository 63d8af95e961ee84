import { get } from '../../support/raw-client.ts';

/**
 * Raw requests by class, with the status that the wire front gives before any handler: 200 is the handler's. What RFC
 * 9112 does not allow, or allows two readings of, is 400; the rest is what the design says.
 */
export interface RawCase {
  readonly what: string;
  readonly bytes: string;
  readonly status: number;
  /** The RFCs leave a choice here, or say otherwise: why the design's word counts. */
  readonly design?: string;
  /** Other statuses that refuse it just as well. */
  readonly also?: readonly number[];
  /** Of the router as a whole, which also judges paths. Default: the front's. */
  readonly router?: number;
  /** It is about limits as they are set here, which others set otherwise. */
  readonly own?: true;
}

const H = 'Host: a\r\n';

function line(requestLine: string): string {
  return `${requestLine}\r\n${H}\r\n`;
}

function target(text: string, method = 'GET'): string {
  return line(`${method} ${text} HTTP/1.1`);
}

function host(...fields: string[]): string {
  return `GET / HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
}

function field(text: string): string {
  return `GET / HTTP/1.1\r\n${H}${text}\r\n\r\n`;
}

function body(fields: readonly string[], bytes = '', version = '1.1'): string {
  return `POST / HTTP/${version}\r\n${H}${fields.map((text) => `${text}\r\n`).join('')}\r\n${bytes}`;
}

function chunks(bytes: string): string {
  return body(['Transfer-Encoding: chunked'], bytes);
}

type Row = readonly [what: string, bytes: string, status: number, more?: Partial<RawCase>];

/** Why the RFCs would let a reader do something else than refuse. */
const BARE_LF = '9112 2.2 lets a reader take a bare LF for the end of a line';
const WORDS = '9112 3 lets a reader split the line at any white space';
const FOLDED = '9112 5.2 lets a folded line be joined';
/** Why they would let it refuse. */
const ODD_BYTES = '9112 3.2 would have it refused; clients send it';

const REQUEST_LINES: readonly Row[] = [
  ['a plain one', line('GET / HTTP/1.1'), 200],
  ['an unknown method', line('BREW / HTTP/1.1'), 200],
  ['a method in lower case', line('get / HTTP/1.1'), 200],
  ['a method of odd token characters', line("!#$%&'*+-.^_`|~ / HTTP/1.1"), 200],
  ['a method of one letter', line('G / HTTP/1.1'), 200],
  [
    'a long method',
    line(`${'M'.repeat(1000)} / HTTP/1.1`),
    200,
    { design: '9112 3 lets a server answer 501' },
  ],
  ['a method larger than a head may be', line(`${'M'.repeat(40_000)} / HTTP/1.1`), 431, { own: true }],
  ['a method with a slash', line('GE/T / HTTP/1.1'), 400],
  ['a method with a colon', line('GET: / HTTP/1.1'), 400],
  ['a method in quotes', line('"GET" / HTTP/1.1'), 400],
  ['a method with a comma', line('GET,POST / HTTP/1.1'), 400],
  ['a method with a byte over 0x7f', line('G\xcbT / HTTP/1.1'), 400],
  ['a method with NUL', line('GE\0T / HTTP/1.1'), 400],
  ['no method', line(' / HTTP/1.1'), 400],
  ['a space before the method', line(' GET / HTTP/1.1'), 400, { design: WORDS }],
  ['a tab before the method', line('\tGET / HTTP/1.1'), 400, { design: WORDS }],
  ['two spaces before the target', line('GET  / HTTP/1.1'), 400, { design: WORDS }],
  ['a tab before the target', line('GET\t/ HTTP/1.1'), 400, { design: WORDS }],
  ['a vertical tab before the target', line('GET\v/ HTTP/1.1'), 400, { design: WORDS }],
  ['two spaces before the version', line('GET /  HTTP/1.1'), 400, { design: WORDS }],
  ['a tab before the version', line('GET /\tHTTP/1.1'), 400, { design: WORDS }],
  ['a space after the version', line('GET / HTTP/1.1 '), 400, { design: WORDS }],
  ['a tab after the version', line('GET / HTTP/1.1\t'), 400, { design: WORDS }],
  ['a fourth word', line('GET / HTTP/1.1 HTTP/1.1'), 400],
  ['no target', line('GET HTTP/1.1'), 400],
  ['an empty target', line('GET  HTTP/1.1'), 400],
  ['the method alone', line('GET'), 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400, { design: 'HTTP/0.9 once was like that', also: [505] }],
  ['HTTP/0.9 with fields', line('GET /'), 400, { also: [505] }],
  ['HTTP/0.9 with a version', line('GET / HTTP/0.9'), 505, { also: [400] }],
  ['HTTP/1.0', line('GET / HTTP/1.0'), 200],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 200],
  ['HTTP/1.2, read as 1.1', line('GET / HTTP/1.2'), 200],
  ['HTTP/1.9, read as 1.1', line('GET / HTTP/1.9'), 200],
  ['HTTP/1.2 without Host', 'GET / HTTP/1.2\r\n\r\n', 400],
  ['HTTP/2.0', line('GET / HTTP/2.0'), 505, { also: [400] }],
  ['HTTP/3.0', line('GET / HTTP/3.0'), 505, { also: [400] }],
  ['HTTP/9.9', line('GET / HTTP/9.9'), 505, { also: [400] }],
  ['HTTP/1', line('GET / HTTP/1'), 400, { also: [505] }],
  ['HTTP/1.', line('GET / HTTP/1.'), 400, { also: [505] }],
  ['HTTP/1.10', line('GET / HTTP/1.10'), 400, { also: [505] }],
  ['HTTP/01.1', line('GET / HTTP/01.1'), 400, { also: [505] }],
  ['HTTP/1,1', line('GET / HTTP/1,1'), 400, { also: [505] }],
  ['HTTP/+1.1', line('GET / HTTP/+1.1'), 400, { also: [505] }],
  ['HTTP 1.1', line('GET / HTTP 1.1'), 400],
  ['http/1.1', line('GET / http/1.1'), 400, { also: [505] }],
  ['HTTPS/1.1', line('GET / HTTPS/1.1'), 400],
  ['ICY/1.1', line('GET / ICY/1.1'), 400],
  [
    'the preface of HTTP/2',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    505,
    { design: '9113 3.3 lets a server speak HTTP/2 at once', also: [400] },
  ],
  [
    'a TLS hello',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    400,
    { design: 'a reader may wait for the end of the line' },
  ],
  ['a response', `HTTP/1.1 200 OK\r\n${H}\r\n`, 400],
  ['one empty line before it', `\r\n${get('/')}`, 200],
  [
    'two empty lines before it',
    `\r\n\r\n${get('/')}`,
    400,
    { design: '9112 2.2 asks for at least one to be skipped' },
  ],
  ['a bare LF before it', `\n${get('/')}`, 400, { design: BARE_LF }],
  ['a bare CR before it', `\r${get('/')}`, 400, { design: WORDS }],
  ['a bare LF after it', `GET / HTTP/1.1\n${H}\r\n`, 400, { design: BARE_LF }],
  ['a bare CR after it', `GET / HTTP/1.1\r${H}\r\n`, 400],
  ['CR CR LF after it', `GET / HTTP/1.1\r\r\n${H}\r\n`, 400, { design: WORDS }],
  ['a bare CR within', line('GET /\r HTTP/1.1'), 400, { design: WORDS }],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n', 501, { also: [400, 403, 404, 405] }],
];

const TARGETS: readonly Row[] = [
  ['a path', target('/a/b/c'), 200],
  ['an empty query', target('/?'), 200],
  ['a query with everything', target('/?a=b&c=%zz?/:@!$&\'()*+,;=[]{}|\\^`"<>'), 200, { design: ODD_BYTES }],
  ['dot segments', target('/a/../b/./c'), 200],
  ['many slashes', target('//a///b'), 200],
  ['a bad triplet', target('/%zz'), 200, { router: 400 }],
  [
    'an encoded NUL',
    target('/%00'),
    200,
    { router: 400, design: '3986 allows it; backends cut paths there' },
  ],
  ['raw UTF-8', target('/caf\xc3\xa9'), 200, { design: ODD_BYTES }],
  ['bytes over 0x7f that are no UTF-8', target('/\xff\xfe\x80'), 200, { design: ODD_BYTES }],
  ['backslashes and braces', target('/a\\b{c}|^`"<>'), 200, { design: ODD_BYTES }],
  ['a fragment', target('/a#b'), 400],
  ['a NUL', target('/a\0b'), 400],
  ['a tab', target('/a\tb'), 400],
  ['a control character', target('/a\x01b'), 400],
  ['DEL', target('/a\x7fb'), 400],
  ['an escape sequence', target('/\x1b[31m'), 400],
  ['a space', target('/a b'), 400],
  ['no slash', target('a/b'), 400],
  ['a query alone', target('?a=b'), 400],
  ['a backslash first', target('\\a'), 400],
  ['the authority form', target('a:80'), 400],
  ['a name alone', target('a'), 400],
  ['the asterisk with GET', target('*'), 400],
  ['the asterisk with OPTIONS', target('*', 'OPTIONS'), 200],
  ['the asterisk with options', target('*', 'options'), 400],
  ['two asterisks', target('**', 'OPTIONS'), 400],
  ['the asterisk with a query', target('*?a', 'OPTIONS'), 400],
  ['the absolute form', target('http://a/b'), 200],
  ['the absolute form, https', target('https://a/b'), 200, { design: '9110 7.4 lets a server refuse it' }],
  ['the absolute form in capitals', target('HTTP://A/b'), 200],
  ['the absolute form without a path', target('http://a'), 200],
  ['the absolute form with a query alone', target('http://a?b'), 200],
  ['the absolute form with the usual port', target('http://a:80/'), 200],
  [
    'the absolute form with another port',
    target('http://a:81/'),
    400,
    { design: '9112 3.2.2 lets the target win over Host', also: [421] },
  ],
  [
    'the absolute form with another host',
    target('http://b/'),
    400,
    { design: '9112 3.2.2 lets the target win over Host', also: [421] },
  ],
  ['the absolute form with userinfo', target('http://me@a/'), 400],
  ['the absolute form with userinfo like a host', target('http://a@b/'), 400],
  ['the absolute form without a host', target('http:///b'), 400],
  ['the absolute form with one slash', target('http:/a/b'), 400],
  ['the absolute form with a bad port', target('http://a:x/'), 400],
  ['the absolute form with too large a port', target('http://a:65536/'), 400],
  ['another scheme', target('ftp://a/b'), 400, { also: [403, 404, 421, 501] }],
  ['a scheme that is none', target('javascript:alert(1)'), 400, { also: [403, 404, 421, 501] }],
  ['as long as allowed', target(`/${'a'.repeat(16_383)}`), 200, { own: true }],
  ['one byte too long', target(`/${'a'.repeat(16_384)}`), 414, { own: true }],
  ['longer than a head may be', target(`/${'a'.repeat(100_000)}`), 414, { own: true }],
];

const HOSTS: readonly Row[] = [
  ['a name', host('Host: shop.example'), 200],
  ['a name with a port', host('Host: shop.example:8080'), 200],
  ['a name with a colon and no port', host('Host: shop.example:'), 200],
  ['a name with a trailing dot', host('Host: shop.example.'), 200],
  ['an underscore', host('Host: my_shop'), 200],
  ['IPv4', host('Host: 192.0.2.1:80'), 200],
  ['IPv6', host('Host: [2001:db8::1]:80'), 200],
  ['IPv6 without a port', host('Host: [::1]'), 200],
  ['HOST in capitals', host('HOST: a'), 200],
  ['white space around it', host('Host: \t a \t '), 200],
  ['not last', host('Host: a', 'X: y'), 200],
  ['none', host(), 400],
  ['none but others', host('X-Host: a'), 400],
  ['two', host('Host: a', 'Host: a'), 400],
  ['two that differ', host('Host: a', 'Host: b'), 400],
  ['two in different case', host('Host: a', 'hOST: a'), 400],
  ['two in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400],
  ['empty', host('Host:'), 400, { design: '9110 7.2 lets Host be empty where the target has no host' }],
  [
    'blanks alone',
    host('Host:   '),
    400,
    { design: '9110 7.2 lets Host be empty where the target has no host' },
  ],
  [
    'a port alone',
    host('Host: :80'),
    400,
    { design: '9110 7.2 lets Host be empty where the target has no host' },
  ],
  ['a port that is none', host('Host: a:b'), 400],
  ['too large a port', host('Host: a:65536'), 400, { design: 'the grammar has no largest port' }],
  ['two ports', host('Host: a:80:80'), 400],
  ['a list', host('Host: a, b'), 400],
  ['a comma alone', host('Host: a,b'), 200],
  ['a space within', host('Host: a b'), 400],
  ['a path', host('Host: a/b'), 400],
  ['a query', host('Host: a?b'), 400],
  ['a fragment', host('Host: a#b'), 400],
  ['userinfo', host('Host: me@a'), 400],
  ['a backslash', host('Host: a\\b'), 400],
  ['a quote', host('Host: "a"'), 400],
  ['a bad triplet', host('Host: a%zz'), 400],
  ['a byte over 0x7f', host('Host: caf\xe9'), 400],
  ['IPv6 without brackets', host('Host: ::1'), 400],
  ['an open bracket', host('Host: [::1'), 400],
  ['a URL', host('Host: http://a/'), 400],
];

const FIELDS: readonly Row[] = [
  ['an empty value', field('X:'), 200],
  ['a value of blanks', field('X: \t '), 200],
  ['no white space after the colon', field('X:y'), 200],
  ['tabs within a value', field('X: a\tb'), 200],
  ['bytes over 0x7f in a value', field('X: \x80\xff'), 200],
  ['every token character in a name', field("!#$%&'*+-.^_`|~09azAZ: y"), 200],
  ['colons in a value', field('X: a:b::c'), 200],
  ['the same name many times', field(Array.from({ length: 50 }, () => 'X: y').join('\r\n')), 200],
  ['a name that every object has', field('__proto__: y\r\nconstructor: z'), 200],
  ['a space before the colon', field('X : y'), 400],
  ['a tab before the colon', field('X\t: y'), 400],
  ['a space before Transfer-Encoding’s colon', field('Transfer-Encoding : chunked'), 400],
  ['a space within a name', field('X Y: z'), 400],
  ['an empty name', field(': y'), 400],
  ['a line without a colon', field('nonsense'), 400],
  ['a folded line', field('X: y\r\n z'), 400, { design: FOLDED }],
  ['a folded line by a tab', field('X: y\r\n\tz'), 400, { design: FOLDED }],
  ['a folded line first', `GET / HTTP/1.1\r\n ${H}\r\n`, 400],
  ['a line of blanks alone', field('X: y\r\n '), 400, { design: FOLDED }],
  ['a NUL in a value', field('X: a\0b'), 400, { design: '9110 5.5 lets it become a space' }],
  ['a NUL in a name', field('X\0: b'), 400],
  ['a bare CR in a value', field('X: a\rb'), 400, { design: '9110 5.5 lets it become a space' }],
  ['a bare CR at a value’s end', field('X: a\r'), 400, { design: '9110 5.5 lets it become a space' }],
  ['a bare LF in a value', field('X: a\nb'), 400],
  ['a bare LF that hides a field', field('X: a\nContent-Length: 5'), 400, { design: BARE_LF }],
  ['a bare LF as the empty line', `GET / HTTP/1.1\r\n${H}\n`, 400, { design: BARE_LF }],
  ['LF alone everywhere', 'GET / HTTP/1.1\nHost: a\n\n', 400, { design: BARE_LF }],
  ['a control character in a value', field('X: a\x08b'), 400, { design: '9110 5.5 lets it be kept' }],
  ['DEL in a value', field('X: a\x7fb'), 400, { design: '9110 5.5 lets it be kept' }],
  ['an escape character in a value', field('X: \x1b[0m'), 400, { design: '9110 5.5 lets it be kept' }],
  ['a form feed in a value', field('X: a\fb'), 400, { design: '9110 5.5 lets it be kept' }],
  ['a byte over 0x7f in a name', field('\xe9: y'), 400],
  ['parentheses in a name', field('X(y): z'), 400],
  ['a slash in a name', field('X/y: z'), 400],
  ['a quote in a name', field('"X": z'), 400],
  ['an at sign in a name', field('X@y: z'), 400],
  ['braces in a name', field('{X}: z'), 400],
  [
    'as many as allowed',
    field(Array.from({ length: 199 }, (_, i) => `X-${i}: v`).join('\r\n')),
    200,
    { own: true },
  ],
  [
    'one too many',
    field(Array.from({ length: 200 }, (_, i) => `X-${i}: v`).join('\r\n')),
    431,
    { own: true },
  ],
  ['a name larger than a head may be', field(`${'x'.repeat(40_000)}: y`), 431, { own: true }],
  ['a value larger than a head may be', field(`X: ${'x'.repeat(40_000)}`), 431, { own: true }],
  ['a value without an end', `GET / HTTP/1.1\r\n${H}X: ${'x'.repeat(40_000)}`, 431, { own: true }],
];

const FRAMING: readonly Row[] = [
  ['a length', body(['Content-Length: 2'], 'hi'), 200],
  ['a length of 0', body(['Content-Length: 0']), 200],
  ['leading zeros', body(['Content-Length: 0002'], 'hi'), 200],
  ['no body at all', body([]), 200],
  [
    'two lengths',
    body(['Content-Length: 2', 'Content-Length: 2'], 'hi'),
    400,
    { design: '9112 6.3 lets equal lengths be one' },
  ],
  ['two lengths that differ', body(['Content-Length: 2', 'Content-Length: 3'], 'hi'), 400],
  [
    'two lengths in different case',
    body(['Content-Length: 2', 'content-length: 2'], 'hi'),
    400,
    { design: '9112 6.3 lets equal lengths be one' },
  ],
  [
    'a list of lengths',
    body(['Content-Length: 2, 2'], 'hi'),
    400,
    { design: '9112 6.3 lets equal lengths be one' },
  ],
  [
    'a list without a space',
    body(['Content-Length: 2,2'], 'hi'),
    400,
    { design: '9112 6.3 lets equal lengths be one' },
  ],
  ['a plus sign', body(['Content-Length: +2'], 'hi'), 400],
  ['a minus sign', body(['Content-Length: -2'], 'hi'), 400],
  ['a space within', body(['Content-Length: 1 2'], 'hi'), 400],
  ['an empty length', body(['Content-Length:'], 'hi'), 400],
  ['a hexadecimal length', body(['Content-Length: 0x2'], 'hi'), 400],
  ['a hexadecimal digit', body(['Content-Length: a'], 'hi'), 400],
  ['a decimal point', body(['Content-Length: 2.0'], 'hi'), 400],
  ['an exponent', body(['Content-Length: 2e0'], 'hi'), 400],
  ['an underscore', body(['Content-Length: 1_0'], 'hi'), 400],
  ['digits of another script', body(['Content-Length: \xb2'], 'hi'), 400],
  [
    'more than 2⁵³',
    body(['Content-Length: 9007199254740993'], 'hi'),
    400,
    { design: 'a valid length that some readers round', also: [413] },
  ],
  ['more than 2⁶⁴', body(['Content-Length: 18446744073709551618'], 'hi'), 400, { also: [413] }],
  [
    'very many digits',
    body([`Content-Length: ${'0'.repeat(100)}2`], 'hi'),
    400,
    { design: 'the grammar has no most digits' },
  ],
  ['chunked', chunks('2\r\nhi\r\n0\r\n\r\n'), 200],
  ['Chunked in capitals', body(['Transfer-Encoding: CHUNKED'], '0\r\n\r\n'), 200],
  ['chunked with white space around it', body(['Transfer-Encoding: \t chunked \t'], '0\r\n\r\n'), 200],
  [
    'chunked and a length',
    body(['Transfer-Encoding: chunked', 'Content-Length: 2'], '0\r\n\r\n'),
    400,
    { design: '9112 6.1 lets the length be ignored' },
  ],
  [
    'a length and chunked',
    body(['Content-Length: 2', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    400,
    { design: '9112 6.1 lets the length be ignored' },
  ],
  [
    'a length and a coding that is none',
    body(['Content-Length: 2', 'Transfer-Encoding: x'], 'hi'),
    400,
    { also: [422, 501] },
  ],
  ['chunked twice', body(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'), 400, { also: [422, 501] }],
  [
    'two codings',
    body(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    400,
    { also: [422, 501] },
  ],
  [
    'gzip before chunked',
    body(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'),
    400,
    { design: '9112 6.1 lets a server undo it', also: [422, 501] },
  ],
  ['chunked before gzip', body(['Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'), 400, { also: [422, 501] }],
  ['identity', body(['Transfer-Encoding: identity'], ''), 400, { also: [422, 501] }],
  [
    'identity and chunked',
    body(['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    400,
    { also: [422, 501] },
  ],
  [
    'an empty coding',
    body(['Transfer-Encoding:'], ''),
    400,
    { design: '9110 5.6.1 lets empty members of lists be ignored', also: [422, 501] },
  ],
  [
    'an empty coding and a length',
    body(['Transfer-Encoding:', 'Content-Length: 2'], 'hi'),
    400,
    { design: '9110 5.6.1 lets empty members of lists be ignored', also: [422, 501] },
  ],
  [
    'a comma before chunked',
    body(['Transfer-Encoding: , chunked'], '0\r\n\r\n'),
    400,
    { design: '9110 5.6.1 lets empty members of lists be ignored', also: [422, 501] },
  ],
  [
    'a parameter of chunked',
    body(['Transfer-Encoding: chunked;a=b'], '0\r\n\r\n'),
    400,
    { also: [422, 501] },
  ],
  ['chunked in quotes', body(['Transfer-Encoding: "chunked"'], '0\r\n\r\n'), 400, { also: [422, 501] }],
  ['xchunked', body(['Transfer-Encoding: xchunked'], '0\r\n\r\n'), 400, { also: [422, 501] }],
  [
    'chunked with a vertical tab',
    body(['Transfer-Encoding: \vchunked'], '0\r\n\r\n'),
    400,
    { also: [422, 501] },
  ],
  [
    'chunked on a folded line',
    body(['Transfer-Encoding:\r\n chunked'], '0\r\n\r\n'),
    400,
    { design: FOLDED },
  ],
  [
    'chunked in HTTP/1.0',
    body(['Transfer-Encoding: chunked'], '0\r\n\r\n', '1.0'),
    400,
    { design: '9112 6.1 lets it be answered, if the connection is closed' },
  ],
  ['a length in HTTP/1.0', body(['Content-Length: 2'], 'hi', '1.0'), 200],
  ['Content-Length with an underscore is no length', body(['Content_Length: 2']), 200],
];

const CHUNKS: readonly Row[] = [
  ['none but the last', chunks('0\r\n\r\n'), 200],
  ['some', chunks('1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'), 200],
  ['a size in capitals', chunks('A\r\n0123456789\r\n0\r\n\r\n'), 200],
  ['a size in lower case', chunks('a\r\n0123456789\r\n0\r\n\r\n'), 200],
  ['some leading zeros', chunks('0001\r\na\r\n000\r\n\r\n'), 200],
  ['leading zeros up to 16 digits', chunks('0000000000000001\r\na\r\n0\r\n\r\n'), 200],
  [
    'too many leading zeros',
    chunks('00000000000000001\r\na\r\n0\r\n\r\n'),
    400,
    { design: 'the grammar has no most digits' },
  ],
  [
    'a thousand zeros',
    chunks(`${'0'.repeat(1000)}\r\n\r\n`),
    400,
    { design: 'the grammar has no most digits' },
  ],
  [
    'a size over 2⁵³',
    chunks('20000000000001\r\na\r\n'),
    400,
    { design: 'a valid size that some readers round', also: [413] },
  ],
  ['a size over 2⁶⁴', chunks('10000000000000001\r\na\r\n'), 400, { also: [413] }],
  ['an empty size', chunks('\r\n\r\n'), 400],
  ['no hexadecimal digit', chunks('g\r\na\r\n'), 400],
  ['a sign', chunks('+1\r\na\r\n0\r\n\r\n'), 400],
  ['a minus sign', chunks('-1\r\na\r\n0\r\n\r\n'), 400],
  ['0x', chunks('0x1\r\na\r\n0\r\n\r\n'), 400],
  ['h at the end', chunks('1h\r\na\r\n0\r\n\r\n'), 400],
  ['an underscore', chunks('1_0\r\na\r\n'), 400],
  ['a space before the size', chunks(' 1\r\na\r\n0\r\n\r\n'), 400],
  ['a space after the size', chunks('1 \r\na\r\n0\r\n\r\n'), 400],
  ['a tab after the size', chunks('1\t\r\na\r\n0\r\n\r\n'), 400],
  ['a comma', chunks('1,1\r\na\r\n0\r\n\r\n'), 400],
  ['an extension', chunks('1;a\r\nx\r\n0\r\n\r\n'), 200],
  ['an extension with a value', chunks('1;a=b\r\nx\r\n0\r\n\r\n'), 200],
  ['an extension with a string', chunks('1;a="b;c=\\"d"\r\nx\r\n0\r\n\r\n'), 200],
  ['several extensions', chunks('1;a=b;c;d="e"\r\nx\r\n0;f\r\n\r\n'), 200],
  ['white space around an extension', chunks('1 ; a = b\r\nx\r\n0\r\n\r\n'), 200],
  [
    'an extension without a name',
    chunks('1;\r\nx\r\n0\r\n\r\n'),
    400,
    { design: '9112 7.1.1 lets what is not recognised be ignored' },
  ],
  [
    'an extension without a value',
    chunks('1;a=\r\nx\r\n0\r\n\r\n'),
    400,
    { design: '9112 7.1.1 lets what is not recognised be ignored' },
  ],
  [
    'an extension of two words',
    chunks('1;a b\r\nx\r\n0\r\n\r\n'),
    400,
    { design: '9112 7.1.1 lets what is not recognised be ignored' },
  ],
  [
    'an open string',
    chunks('1;a="b\r\nx\r\n0\r\n\r\n'),
    400,
    { design: '9112 7.1.1 lets what is not recognised be ignored' },
  ],
  ['a bare CR in an extension', chunks('1;a\rb\r\nx\r\n0\r\n\r\n'), 400],
  ['a bare LF in an extension', chunks('1;a\nx\r\n0\r\n\r\n'), 400],
  ['a NUL in an extension', chunks('1;a\0\r\nx\r\n0\r\n\r\n'), 400],
  [
    'too long an extension',
    chunks(`1;${'a'.repeat(300)}\r\nx\r\n0\r\n\r\n`),
    400,
    { design: '9112 7.1.1 asks for a limit, and names none', also: [413] },
  ],
  [
    'an extension without an end',
    chunks(`1;${'a'.repeat(300)}`),
    400,
    { design: '9112 7.1.1 asks for a limit, and names none', also: [413] },
  ],
  [
    'too many extensions in all',
    chunks(`${`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(100)}0\r\n\r\n`),
    400,
    { design: '9112 7.1.1 asks for a limit, and names none', also: [413] },
  ],
  ['a bare LF after the size', chunks('1\na\r\n0\r\n\r\n'), 400],
  ['a bare CR after the size', chunks('1\ra\r\n0\r\n\r\n'), 400],
  ['CR CR LF after the size', chunks('1\r\r\na\r\n0\r\n\r\n'), 400],
  ['a bare LF after the data', chunks('1\r\na\n0\r\n\r\n'), 400],
  ['a bare CR after the data', chunks('1\r\na\r0\r\n\r\n'), 400],
  ['nothing after the data', chunks('1\r\na0\r\n\r\n'), 400],
  ['more data than the size', chunks('1\r\nab\r\n0\r\n\r\n'), 400],
  ['less data than the size', chunks('3\r\na\r\n0\r\n\r\n'), 400],
  ['a trailer', chunks('0\r\nX: y\r\n\r\n'), 200],
  ['several trailers', chunks('0\r\nX: y\r\nX: z\r\n\r\n'), 200],
  ['a trailer without a colon', chunks('0\r\nX\r\n\r\n'), 400],
  ['a trailer with a space before its colon', chunks('0\r\nX : y\r\n\r\n'), 400],
  ['a folded trailer', chunks('0\r\nX: y\r\n z\r\n\r\n'), 400, { design: FOLDED }],
  ['a folded trailer first', chunks('0\r\n X: y\r\n\r\n'), 400, { design: FOLDED }],
  ['a trailer with a NUL', chunks('0\r\nX: a\0\r\n\r\n'), 400, { design: '9110 5.5 lets it become a space' }],
  ['a trailer with a bare LF', chunks('0\r\nX: a\nY: b\r\n\r\n'), 400, { design: BARE_LF }],
  ['a bare LF as the end', chunks('0\r\n\n'), 400, { design: BARE_LF }],
  ['a bare LF before the end', chunks('0\n\r\n'), 400],
  ['too many trailers', chunks(`0\r\n${'X: y\r\n'.repeat(201)}\r\n`), 431, { own: true }],
  ['too large a trailer', chunks(`0\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`), 431, { own: true }],
];

/** Every case by its class. */
export const RAW_CASES: Readonly<Record<string, readonly RawCase[]>> = Object.fromEntries(
  Object.entries({
    'request line': REQUEST_LINES,
    target: TARGETS,
    Host: HOSTS,
    fields: FIELDS,
    framing: FRAMING,
    chunks: CHUNKS,
  }).map(([kind, rows]) => [
    kind,
    rows.map(([what, bytes, status, more]) => ({ what, bytes, status, ...more })),
  ]),
);
