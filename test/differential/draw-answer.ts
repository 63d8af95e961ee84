import { chunked } from '../support/raw-message.ts';
import type { BackendAnswer } from './differential-case.ts';
import type { Random } from './random.ts';

/** What backends send: right, odd and wrong. `{port}` stands for the backend's own port. */

function plain(name: string, ...pieces: string[]): BackendAnswer {
  return { name, when: 'body', pieces, after: 'keep' };
}

function ends(answer: BackendAnswer, after: BackendAnswer['after'] = 'end'): BackendAnswer {
  return { ...answer, after };
}

/** A whole answer with its length. */
export function answerOf(status: number, lines: readonly string[], body: string): string {
  return `${[`HTTP/1.1 ${status} Status`, ...lines, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`;
}

/** What a backend says that was told nothing else. */
export const OK: BackendAnswer = plain('200', answerOf(200, ['X-Backend: b'], 'ok'));

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

const RIGHT: readonly BackendAnswer[] = [
  OK,
  OK,
  OK,
  OK,
  plain(
    '404 with fields',
    answerOf(404, ['X-A: 1', 'x-a: 2', 'Set-Cookie: a=b', 'Set-Cookie: c=d', 'X-Latin: \xe9'], 'none'),
  ),
  plain('empty', answerOf(200, [], '')),
  plain('chunked', CHUNKED + chunked(['a', 'bc'.repeat(2000)])),
  plain('chunked in pieces', CHUNKED, '3\r\nabc\r', '\n2\r\nde\r\n0\r\n\r\n'),
  plain(
    'trailers',
    'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n',
    chunked(['x'], ['X-Sum', '1', 'Set-Cookie', 'z=1']),
  ),
  plain('204', 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n'),
  plain('304', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 100\r\n\r\n'),
  plain('103', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', answerOf(200, [], 'hinted')),
  plain('102 twice', `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 P\r\n\r\n${answerOf(200, [], 'done')}`),
  plain('redirect to itself', answerOf(302, ['Location: http://127.0.0.1:{port}/x'], '')),
  plain(
    'hop-by-hop fields',
    answerOf(
      200,
      ['Connection: keep-alive, X-Hop', 'X-Hop: 1', 'Keep-Alive: timeout=5', 'Proxy-Authenticate: x'],
      'h',
    ),
  ),
  plain('426', answerOf(426, ['Upgrade: TLS/1.0', 'Connection: Upgrade'], '')),
  plain('large', answerOf(200, [], 'l'.repeat(150_000))),
  ends(plain('says close', answerOf(200, ['Connection: close'], 'bye'))),
  ends(plain('ends with the connection', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\nsome', ' more')),
  ends(plain('HTTP/1.0', 'HTTP/1.0 200 OK\r\nServer: old\r\n\r\nold')),
  plain('HTTP/1.0 kept', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold'),
  plain('no phrase', 'HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx'),
  plain('401', answerOf(401, ['WWW-Authenticate: Basic', 'WWW-Authenticate: Digest x'], '')),
];

const WRONG: readonly BackendAnswer[] = [
  plain('204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nno'),
  plain('304 with a body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nno'),
  ends(plain('nonsense', 'nonsense\r\n\r\n')),
  ends(plain('two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab')),
  ends(
    plain(
      'length and chunked',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
  ),
  ends(plain('101 unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n')),
  ends(plain('status 999', 'HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n')),
  ends(plain('status 99', 'HTTP/1.1 99 X\r\nContent-Length: 0\r\n\r\n')),
  ends(plain('bad field', 'HTTP/1.1 200 OK\r\nX y: z\r\nContent-Length: 0\r\n\r\n')),
  ends(plain('folded field', 'HTTP/1.1 200 OK\r\nX: y\r\n z\r\nContent-Length: 0\r\n\r\n')),
  ends(plain('half a head', 'HTTP/1.1 200 OK\r\nX: ')),
  ends(plain('half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', '')),
  ends(plain('half a chunk', `${CHUNKED}5\r\nhal`, '')),
  ends(plain('bad chunk size', `${CHUNKED}2\r\nok\r\n`, 'zz\r\n')),
  ends(plain('no answer', ''), 'reset'),
  ends(plain('FIN without an answer', '')),
  ends(plain('reset amid a head', 'HTTP/1.1 200 OK\r\n', ''), 'reset'),
  ends(plain('reset amid a body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', ''), 'reset'),
  ends(plain('reset amid chunks', `${CHUNKED}2\r\nok\r\n`, ''), 'reset'),
  ends(plain('reset of what ends with the connection', 'HTTP/1.1 200 OK\r\n\r\nhalf', ''), 'reset'),
  plain('more than it promised', `${answerOf(200, [], 'ok')}more`),
  plain('a second answer', answerOf(200, [], 'ok') + answerOf(200, [], 'stolen')),
];

const EARLY: readonly BackendAnswer[] = [
  {
    name: 'early 413',
    when: 'head',
    pieces: [answerOf(413, ['Connection: close'], 'too much')],
    after: 'end',
  },
  { name: 'early 417', when: 'head', pieces: [answerOf(417, [], '')], after: 'keep' },
  { name: 'early 200', when: 'head', pieces: [answerOf(200, [], 'early')], after: 'keep' },
];

const SWITCH: BackendAnswer = {
  name: '101',
  when: 'body',
  pieces: ['HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello'],
  after: 'tunnel',
};

/** Draws what a backend does. `isUpgrade`: it was asked to switch protocols; `mayBeEarly`: it may answer unread. */
export function drawAnswer(
  random: Random,
  { isUpgrade, mayBeEarly }: { isUpgrade: boolean; mayBeEarly: boolean },
): BackendAnswer {
  if (isUpgrade && random.chance(0.6)) return SWITCH;
  if (mayBeEarly && random.chance(0.04)) return random.pick(EARLY);
  return random.pick(random.chance(0.15) ? WRONG : RIGHT);
}
