import { get, post } from '../../support/raw-client.ts';
import type { EdgeCase } from '../edge-case.ts';
import { all, answered, either, passes, refused, that } from '../rules.ts';

/** Further cases of the classes `request line` and `framing`: several requests on a connection, and its end. */

const H = 'Host: a\r\n';

/** Both are answered, in order, and reach the backend in order. */
const both = all(
  answered(200, 200),
  that('in order', ({ requests }) => {
    const targets = requests.map(({ target }) => target).join(' ');
    return targets === '/1 /2' ? null : `the backend got ${targets}`;
  }),
);

/** The first is answered, the second refused, and no backend hears of it. */
function secondRefused(...statuses: readonly number[]) {
  return that(`the first passes, the second is refused: ${statuses.join(', ')}`, ({ requests, answers }) => {
    if (requests.length !== 1) return `${requests.length} requests reached the backend`;
    const [first, second, ...more] = answers;
    if (first?.status !== 200 || second === undefined || more.length > 0)
      return `answered ${answers.map(({ status }) => status).join(', ') || 'nothing'}`;
    return statuses.includes(second.status) ? null : `the second got ${second.status}`;
  });
}

const closes = that('and the connection is closed', ({ end }) => (end === 'open' ? 'it stays open' : null));
const stays = that('and the connection stays open', ({ end }) => (end === 'open' ? null : 'it is closed'));

const SECOND_IS_BAD: readonly (readonly [string, string, string?])[] = [
  ['a NUL', `\0${get('/2')}`],
  ['a space', ` ${get('/2')}`, '9112 3 lets a reader skip white space'],
  ['a bare LF', `\n${get('/2')}`, '9112 2.2 lets a reader take a bare LF for an empty line'],
  ['garbage', 'xyz\r\n\r\n'],
  ['an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a chunk', '0\r\n\r\n'],
];

const AFTER: readonly EdgeCase[] = [
  { what: 'two at once', send: get('/1') + get('/2'), source: '9112 9.3.2', rule: both },
  {
    what: 'a body and another request',
    send: post('/1', 'hi') + get('/2'),
    source: '9112 9.3.2',
    rule: both,
  },
  {
    what: 'chunks and another request',
    send: `POST /1 HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n${get('/2')}`,
    source: '9112 9.3.2',
    rule: both,
  },
  {
    what: 'an empty line between two',
    send: `${post('/1', 'hi')}\r\n${get('/2')}`,
    source: '9112 2.2',
    rule: both,
  },
  ...SECOND_IS_BAD.map(([what, bytes, stricter]) => ({
    what: `${what} after a request`,
    send: post('/1', 'hi') + bytes,
    source: '9112 2.2, 3',
    ...(stricter === undefined ? {} : { stricter }),
    rule: secondRefused(400),
  })),
  {
    what: 'a third behind a refused one',
    send: `${get('/1')}GET / HTTP/1.1\r\n\r\n${get('/3')}`,
    source: '9112 3.2',
    rule: secondRefused(400),
  },
  {
    what: 'a pipelined GET waits for the POST ahead of it',
    send: post('/1', 'hi') + get('/2'),
    source: '9112 9.3.2',
    replies: [{ says: [{ waitMs: 300 }, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'] }],
    rule: all(
      both,
      that('one after the other', ({ requests }) => {
        const [first, second] = requests;
        const gap = (second?.atMs ?? 0) - (first?.atMs ?? 0);
        return gap > 250 ? null : `the second was sent ${Math.round(gap)} ms after the first`;
      }),
    ),
  },
  {
    what: 'Connection: close',
    send: get('/', ['Connection: close']),
    source: '9112 9.6',
    rule: all(passes(), closes),
  },
  {
    what: 'Connection: close, and another request',
    send: get('/1', ['Connection: close']) + get('/2'),
    source: '9112 9.6',
    rule: all(passes({ target: '/1' }), closes),
  },
  {
    what: 'Connection: Close among others',
    send: get('/', ['Connection: x, Close']),
    source: '9110 7.6.1',
    rule: all(passes(), closes),
  },
  { what: 'no Connection', send: get('/'), source: '9112 9.3', rule: all(passes(), stays) },
  {
    what: 'HTTP/1.0',
    send: 'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    source: '9112 9.3',
    rule: all(passes(), closes),
  },
  {
    what: 'HTTP/1.0 with keep-alive',
    send: 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n',
    source: '9112 9.3',
    rule: all(
      passes(),
      that('kept and said so, or closed', ({ answers, end }) =>
        end !== 'open' || /^connection:.*keep-alive/im.test(answers[0]?.head ?? '')
          ? null
          : 'kept without a word',
      ),
    ),
  },
  {
    what: 'HTTP/1.0 with keep-alive and close',
    send: 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n',
    source: '9112 9.3',
    rule: all(passes(), closes),
  },
  {
    what: 'an answer of unknown length to HTTP/1.0 is not chunked',
    send: 'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    source: '9112 6.1',
    replies: [{ says: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'] }],
    rule: all(passes({ answer: { body: 'ok', lacks: ['transfer-encoding'] } }), closes),
  },
  {
    what: 'no 1xx to HTTP/1.0',
    send: 'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
    source: '9110 15.2',
    replies: [
      {
        says: [
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
        ],
      },
    ],
    rule: passes({ answer: { body: 'ok', interim: [] } }),
  },
  {
    what: 'Expect: 100-continue',
    send: [
      `POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
      { waitFor: 300 },
      'hi',
    ],
    source: '9110 10.1.1',
    rule: passes({ body: 'hi', answer: { interim: [100] } }),
  },
  {
    what: 'an answer before the 100: the body is not taken for a request',
    send: [
      `POST / HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: ${get('/hidden').length}\r\n\r\n`,
      { waitFor: 300 },
      get('/hidden'),
    ],
    source: '9110 10.1.1',
    replies: [
      {
        when: 'head',
        says: ['HTTP/1.1 403 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', { act: 'end' }],
      },
    ],
    rule: that('one answer, 403, and nothing hidden', ({ requests, answers }) => {
      if (requests.some(({ target }) => target === '/hidden')) return 'the body became a request';
      const statuses = answers.filter(({ status }) => status !== 400).map(({ status }) => status);
      return statuses.join() === '403' ? null : `answered ${statuses.join(', ') || 'nothing'}`;
    }),
  },
  {
    what: 'a client that closes its half within a body',
    send: [`POST / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhi`, { leave: 'end' }],
    source: '9112 8',
    rule: that('no backend takes it for whole', ({ requests }) =>
      requests.some(({ isWhole }) => isWhole) ? 'the backend got a whole request' : null,
    ),
  },
  {
    what: 'a client that closes its half within chunks',
    send: [`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n`, { leave: 'end' }],
    source: '9112 8',
    rule: that('no backend takes it for whole', ({ requests }) =>
      requests.some(({ isWhole }) => isWhole) ? 'the backend got a whole request' : null,
    ),
  },
  {
    what: 'a body that is shorter than the next request hides',
    send: `POST /1 HTTP/1.1\r\n${H}Content-Length: ${get('/2').length}\r\n\r\n${get('/2')}`,
    source: '9112 6.3',
    rule: passes({ target: '/1', body: get('/2') }),
  },
  {
    what: 'a GET with a body',
    send: `GET / HTTP/1.1\r\n${H}Content-Length: 2\r\n\r\nhi`,
    source: '9110 9.3.1',
    stricter: '9110 9.3.1 lets it be refused',
    rule: passes({ body: 'hi' }),
  },
  {
    what: 'a DELETE with chunks',
    send: `DELETE / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
    source: '9112 6',
    rule: passes({ body: 'hi' }),
  },
  {
    what: 'HEAD has an answer without a body, and the next one is found',
    send: `HEAD /1 HTTP/1.1\r\n${H}\r\n${get('/2')}`,
    methods: ['HEAD', 'GET'],
    source: '9110 9.3.2',
    rule: both,
  },
  {
    what: 'a trailer passes',
    send: `POST / HTTP/1.1\r\n${H}TE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n`,
    source: '9110 6.5',
    stricter: '9110 6.5.1 lets it be dropped',
    rule: passes({ body: 'hi', trailers: /^x-sum: 1$/i }),
  },
  {
    what: 'a trailer that frames',
    send: `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 50\r\n\r\n`,
    source: '9110 6.5.1',
    rule: either(passes({ body: 'hi', trailers: '' }), refused(400)),
  },
];

/** By the class that they belong to. */
export const CONNECTION_CASES: Readonly<Record<string, readonly EdgeCase[]>> = { framing: AFTER };
