import type { Failure } from '../../../src/model/failure.ts';
import {
  CODE,
  data,
  FLAG,
  FRAME,
  frame,
  getFields,
  headerBlock,
  headers,
  ping,
  postFields,
  reset,
  settings,
  windowUpdate,
} from '../../support/http2-frames.ts';

/** What a client gets for its frames. */
export interface Expected {
  /** Status of the answer on stream 1, of those that the static table has. */
  readonly status?: number;
  /** Code of the RST_STREAM on stream 1. */
  readonly reset?: number;
  /** Code of a GOAWAY; the connection is closed after it. */
  readonly goaway?: number;
  /** The rejection that is counted. */
  readonly failure?: Failure;
  /** Targets of the requests that became exchanges. */
  readonly served?: readonly string[];
}

/** Frames after preface and settings, and what comes of them. */
export interface RawCase {
  readonly what: string;
  readonly frames: readonly Buffer[];
  readonly expected: Expected;
}

/** Malformed (RFC 9113 section 8.1.1): a stream error, with an answer before it. */
const MALFORMED: Expected = {
  status: 400,
  reset: CODE.protocolError,
  failure: 'malformed_request',
  served: [],
};

const get = (fields: readonly string[]): Buffer => headers(1, fields);
const malformed = (what: string, fields: readonly string[]): RawCase => ({
  what,
  frames: [get(fields)],
  expected: MALFORMED,
});
const fatal = (what: string, frames: readonly Buffer[], code: number): RawCase => ({
  what,
  frames,
  expected: { goaway: code, failure: 'malformed_request' },
});
const served = (what: string, frames: readonly Buffer[], target = '/'): RawCase => ({
  what,
  frames,
  expected: { status: 200, served: [target] },
});

const BASE = { method: [':method', 'GET'], scheme: [':scheme', 'http'], path: [':path', '/'] };
const AUTHORITY = [':authority', 'a.test'];
const { method, scheme, path } = BASE;
const EMPTY = headers(1, postFields('/', ['content-length', '0']), FLAG.endHeaders);

/** Heads: what may become an exchange, and what not. */
export const HEADS: readonly RawCase[] = [
  served('a plain GET', [get(getFields('/a?b'))], '/a?b'),
  served('any method token', [get([':method', 'X-Y', ...scheme, ...AUTHORITY, ...path])]),
  served('Host instead of :authority', [get([...method, ...scheme, ...path, 'host', 'a.test'])]),
  served('Host beside the same :authority', [get(getFields('/', ['host', 'A.test:80']))]),
  served('OPTIONS *', [get([':method', 'OPTIONS', ...scheme, ...AUTHORITY, ':path', '*'])], '*'),
  served('te: trailers', [get(getFields('/', ['te', 'trailers']))]),
  served('bytes from 0x80 on in a target', [get(getFields('/\xe9'))], '/\xe9'),
  served('an empty value', [get(getFields('/', ['x', '']))]),
  served('a tab inside a value', [get(getFields('/', ['x', 'a\tb']))]),
  served('https on a plain socket', [get([...method, ':scheme', 'https', ...AUTHORITY, ...path])]),
  served('priority in HEADERS', [
    frame(FRAME.headers, {
      flags: FLAG.endHeaders | FLAG.endStream | FLAG.priority,
      stream: 1,
      payload: Buffer.concat([Buffer.from([0, 0, 0, 3, 16]), headerBlock(getFields())]),
    }),
  ]),
  served('padded HEADERS', [
    frame(FRAME.headers, {
      flags: FLAG.endHeaders | FLAG.endStream | FLAG.padded,
      stream: 1,
      payload: Buffer.concat([Buffer.from([3]), headerBlock(getFields()), Buffer.alloc(3)]),
    }),
  ]),
  served('a head in many frames', [
    frame(FRAME.headers, { flags: FLAG.endStream, stream: 1, payload: headerBlock(method) }),
    frame(FRAME.continuation, { stream: 1, payload: headerBlock([...scheme, ...AUTHORITY]) }),
    frame(FRAME.continuation, { flags: FLAG.endHeaders, stream: 1, payload: headerBlock(path) }),
  ]),
  malformed('no :method', [...scheme, ...AUTHORITY, ...path]),
  malformed('no :scheme', [...method, ...AUTHORITY, ...path]),
  malformed('no :path', [...method, ...scheme, ...AUTHORITY]),
  malformed('no host at all', [...method, ...scheme, ...path]),
  malformed('an empty :authority', [...method, ...scheme, ':authority', '', ...path]),
  malformed('an empty :path', [...method, ...scheme, ...AUTHORITY, ':path', '']),
  malformed(':path twice', getFields('/', [':path', '/b'])),
  malformed(':method twice', [...method, ...getFields()]),
  malformed(':authority twice', [...AUTHORITY, ...getFields()]),
  malformed('a pseudo-header field behind others', [...method, ...scheme, 'x', 'y', ...AUTHORITY, ...path]),
  malformed('an unknown pseudo-header field', [':foo', 'x', ...getFields()]),
  malformed(':status', [':status', '200', ...getFields()]),
  malformed(':protocol with a GET', [':protocol', 'websocket', ...getFields()]),
  malformed('another scheme', [...method, ':scheme', 'ftp', ...AUTHORITY, ...path]),
  malformed('a method that is no token', [':method', 'G T', ...scheme, ...AUTHORITY, ...path]),
  malformed('the absolute form', getFields('http://a.test/')),
  malformed('a path without its slash', getFields('x')),
  malformed('* without OPTIONS', getFields('*')),
  malformed('a space in :path', getFields('/a b')),
  malformed('a line end in :path', getFields('/a HTTP/1.1\r\nX: y')),
  malformed('a fragment in :path', getFields('/a#b')),
  malformed('userinfo in :authority', [...method, ...scheme, ':authority', 'b@a.test', ...path]),
  malformed('a slash in :authority', [...method, ...scheme, ':authority', 'a.test/x', ...path]),
  malformed('another Host than :authority', getFields('/', ['host', 'b.test'])),
  malformed('another port in Host', getFields('/', ['host', 'a.test:81'])),
  malformed('two Hosts', getFields('/', ['host', 'a.test', 'host', 'a.test'])),
  malformed('a name with capital letters', getFields('/', ['X-A', 'b'])),
  malformed('a name that is no token', getFields('/', ['x a', 'b'])),
  malformed('a name with a colon', getFields('/', ['x:a', 'b'])),
  malformed('a name with a line end', getFields('/', ['x\r\ny', 'b'])),
  malformed('an empty name', getFields('/', ['', 'b'])),
  malformed('NUL in a value', getFields('/', ['x', 'a\0b'])),
  malformed('a line end in a value', getFields('/', ['x', 'a\r\nHost: b.test'])),
  malformed('a control character in a value', getFields('/', ['x', 'a\x01'])),
  malformed('DEL in a value', getFields('/', ['x', 'a\x7f'])),
  malformed('white space before a value', getFields('/', ['x', ' a'])),
  malformed('white space behind a value', getFields('/', ['x', 'a\t'])),
  malformed('connection', getFields('/', ['connection', 'x'])),
  malformed('proxy-connection', getFields('/', ['proxy-connection', 'keep-alive'])),
  malformed('keep-alive', getFields('/', ['keep-alive', '1'])),
  malformed('transfer-encoding', getFields('/', ['transfer-encoding', 'chunked'])),
  malformed('upgrade', getFields('/', ['upgrade', 'websocket'])),
  malformed('te that wants more than trailers', getFields('/', ['te', 'gzip'])),
  served('a length of 0, and the end in a frame of its own', [EMPTY, data(1, '', FLAG.endStream)]),
  served('a length of 0, and padding', [
    EMPTY,
    frame(FRAME.data, {
      flags: FLAG.endStream | FLAG.padded,
      stream: 1,
      payload: Buffer.from([3, 0, 0, 0]),
    }),
  ]),
  served('a length of 0, and trailers', [EMPTY, headers(1, ['x', 'y'])]),
  malformed('a length without a body', postFields('/', ['content-length', '5'])),
  malformed('a length that is none', postFields('/', ['content-length', '+1'])),
  malformed('two lengths', postFields('/', ['content-length', '1', 'content-length', '1'])),
  malformed('a list of lengths', postFields('/', ['content-length', '1, 1'])),
  {
    what: 'extended CONNECT, which is not offered',
    frames: [get([':method', 'CONNECT', ':protocol', 'websocket', ...scheme, ...AUTHORITY, ...path])],
    expected: MALFORMED,
  },
];

const POST = headers(1, postFields(), FLAG.endHeaders);
const SIZED = headers(1, postFields('/', ['content-length', '3']), FLAG.endHeaders);

/** What breaks a stream whose request had been taken. */
export const STREAM_ERRORS: readonly RawCase[] = [
  {
    what: 'a body shorter than its length',
    frames: [SIZED, data(1, 'ab', FLAG.endStream)],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a body where its length is 0',
    frames: [EMPTY, data(1, 'x', FLAG.endStream)],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a body longer than its length',
    frames: [SIZED, data(1, 'abcd', FLAG.endStream)],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'trailers that do not end the stream',
    frames: [POST, headers(1, ['x', 'y'], FLAG.endHeaders)],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a pseudo-header field among trailers',
    frames: [POST, headers(1, [':path', '/'])],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a malformed trailer',
    frames: [POST, headers(1, ['X', 'y'])],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a field of a connection among trailers',
    frames: [POST, headers(1, ['connection', 'y'])],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'HEADERS behind the end of the request',
    frames: [get(getFields()), get(getFields())],
    expected: { reset: CODE.streamClosed, failure: 'malformed_request' },
  },
  {
    what: 'DATA behind the end of the request',
    frames: [get(getFields()), data(1, 'x')],
    expected: { reset: CODE.streamClosed, failure: 'malformed_request' },
  },
  {
    what: 'a window opened by nothing',
    frames: [POST, windowUpdate(1, 0)],
    expected: { reset: CODE.protocolError, failure: 'malformed_request' },
  },
  {
    what: 'a window opened too far',
    frames: [POST, windowUpdate(1, 0x7fff_ffff)],
    expected: { reset: CODE.flowControlError, failure: 'malformed_request' },
  },
];

/** What ends the connection (sections 5.4.1, 6 and 7). */
export const CONNECTION_ERRORS: readonly RawCase[] = [
  fatal('a stream with an even number', [headers(2, getFields())], CODE.protocolError),
  fatal(
    'a stream below one that was used',
    [headers(3, getFields()), headers(1, getFields())],
    CODE.protocolError,
  ),
  fatal('HEADERS of no stream', [headers(0, getFields())], CODE.protocolError),
  fatal('DATA of no stream', [data(0, 'x')], CODE.protocolError),
  fatal('DATA of an idle stream', [data(1, 'x')], CODE.protocolError),
  fatal('a reset of an idle stream', [reset(1)], CODE.protocolError),
  fatal('a reset of no stream', [reset(0)], CODE.protocolError),
  fatal(
    'a reset of another size',
    [frame(FRAME.rstStream, { stream: 1, payload: Buffer.alloc(3) })],
    CODE.frameSizeError,
  ),
  fatal('a window of an idle stream', [windowUpdate(1, 1)], CODE.protocolError),
  fatal('the connection’s window opened by nothing', [windowUpdate(0, 0)], CODE.protocolError),
  fatal('the connection’s window opened too far', [windowUpdate(0, 0x7fff_ffff)], CODE.flowControlError),
  fatal(
    'a window of another size',
    [frame(FRAME.windowUpdate, { payload: Buffer.alloc(5) })],
    CODE.frameSizeError,
  ),
  fatal(
    'a push by a client',
    [frame(FRAME.pushPromise, { stream: 1, flags: 4, payload: Buffer.alloc(4) })],
    CODE.protocolError,
  ),
  fatal(
    'a CONTINUATION of nothing',
    [frame(FRAME.continuation, { stream: 1, flags: 4 })],
    CODE.protocolError,
  ),
  fatal(
    'a frame within a header block',
    [headers(1, getFields(), FLAG.endStream), ping()],
    CODE.protocolError,
  ),
  fatal(
    'a CONTINUATION of another stream',
    [headers(1, getFields(), FLAG.endStream), frame(FRAME.continuation, { stream: 3, flags: 4 })],
    CODE.protocolError,
  ),
  fatal(
    'DATA within a header block',
    [headers(1, getFields(), FLAG.endStream), data(1, 'x')],
    CODE.protocolError,
  ),
  fatal(
    'more padding than payload',
    [POST, frame(FRAME.data, { stream: 1, flags: FLAG.padded, payload: Buffer.from([9, 1]) })],
    CODE.protocolError,
  ),
  fatal('PING of another size', [frame(FRAME.ping, { payload: Buffer.alloc(7) })], CODE.frameSizeError),
  fatal('PING of a stream', [frame(FRAME.ping, { stream: 1, payload: Buffer.alloc(8) })], CODE.protocolError),
  fatal(
    'PRIORITY of another size',
    [frame(FRAME.priority, { stream: 1, payload: Buffer.alloc(4) })],
    CODE.frameSizeError,
  ),
  fatal(
    'GOAWAY of a stream',
    [frame(FRAME.goaway, { stream: 1, payload: Buffer.alloc(8) })],
    CODE.protocolError,
  ),
  fatal('GOAWAY that is too short', [frame(FRAME.goaway, { payload: Buffer.alloc(7) })], CODE.frameSizeError),
  fatal('SETTINGS of a stream', [frame(FRAME.settings, { stream: 1 })], CODE.protocolError),
  fatal(
    'SETTINGS of an odd size',
    [frame(FRAME.settings, { payload: Buffer.alloc(5) })],
    CODE.frameSizeError,
  ),
  fatal(
    'an ACK with settings',
    [frame(FRAME.settings, { flags: FLAG.ack, payload: Buffer.alloc(6) })],
    CODE.frameSizeError,
  ),
  fatal('a first window that is too large', [settings([[4, 0x8000_0000]])], CODE.flowControlError),
  fatal('frames that are too small', [settings([[5, 16_383]])], CODE.protocolError),
  fatal('a push that is neither on nor off', [settings([[2, 2]])], CODE.protocolError),
  fatal(
    'a first window that overflows one in use',
    [POST, windowUpdate(1, 0x7fff_0000 - 65_535), settings([[4, 0x7fff_ffff]])],
    CODE.flowControlError,
  ),
  fatal(
    'a frame larger than allowed',
    [frame(FRAME.data, { stream: 1, length: 16_385, payload: Buffer.alloc(16_385) })],
    CODE.frameSizeError,
  ),
  fatal(
    'a header block that cannot be read',
    [frame(FRAME.headers, { stream: 1, flags: 5, payload: Buffer.alloc(6, 0xff) })],
    CODE.compressionError,
  ),
  fatal(
    'a header block that ends within a field',
    [frame(FRAME.headers, { stream: 1, flags: 5, payload: Buffer.from([0, 5, 97]) })],
    CODE.compressionError,
  ),
  fatal(
    'a table larger than allowed',
    [frame(FRAME.headers, { stream: 1, flags: 5, payload: Buffer.from([0x3f, 0xff, 0xff, 0x03]) })],
    CODE.compressionError,
  ),
];

/** What RFC 9113 lets a client do, and is of no use. */
export const HARMLESS: readonly RawCase[] = [
  served('an unknown frame', [frame(0x42, { stream: 1, payload: Buffer.from('x') }), get(getFields())]),
  served('an unknown setting', [settings([[0x99, 7]]), get(getFields())]),
  served('PRIORITY of an idle stream', [
    frame(FRAME.priority, { stream: 3, payload: Buffer.from([0, 0, 0, 1, 1]) }),
    get(getFields()),
  ]),
  served('empty DATA', [POST, data(1, ''), data(1, '', FLAG.endStream)]),
  served('trailers', [POST, data(1, 'x'), headers(1, ['x-sum', '1'])]),
  served('unknown flags', [frame(FRAME.ping, { flags: 0xf0, payload: Buffer.alloc(8) }), get(getFields())]),
];
