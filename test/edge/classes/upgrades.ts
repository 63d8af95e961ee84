import { get } from '../../support/raw-client.ts';
import type { EdgeCase, EdgeClass, Reply, Rule } from '../edge-case.ts';
import { all, brokenOff, either, passes, refused, shown, that } from '../rules.ts';

/** Class `upgrades`: a tunnel only when the backend says 101, and nothing but bytes in it. */

const OFFER = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';
const TUNNEL: readonly Reply[] = [{ when: 'head', says: [SWITCH, { act: 'echo' }] }];
const MADE_ANEW = '9110 7.8 lets a proxy make the offer its own';
const HIDDEN = get('/hidden');

const opened: Rule = that('101 reaches the client', ({ answers }) =>
  answers[0]?.status === 101
    ? null
    : `answered ${answers.map(({ status }) => status).join(', ') || 'nothing'}`,
);

/** The client got exactly these bytes through the tunnel. */
function echoed(bytes: string): Rule {
  return all(
    opened,
    that(`the tunnel carries ${shown(bytes)} both ways`, ({ rest }) =>
      rest === bytes ? null : `the client got ${shown(rest)}`,
    ),
  );
}

/** No tunnel: the request is a plain one, and what follows it is another. */
const plain: Rule = that('a plain request, without the offer', (seen) => {
  const [request] = seen.requests;
  if (request === undefined) return 'nothing reached the backend';
  if (/^upgrade:/im.test(request.head)) return 'the offer reached the backend';
  return seen.answers[0]?.status === 200 ? null : `answered ${seen.answers[0]?.status ?? 'nothing'}`;
});

const nothingHidden: Rule = that('what follows is never tunnelled', ({ requests }) => {
  const isRaw = requests.some(({ head, tunnel }) => head === HIDDEN || tunnel.includes(HIDDEN));
  return isRaw ? 'the backend got what followed, raw' : null;
});

function refusal(status: number, more = ''): readonly Reply[] {
  return [
    {
      when: 'head',
      says: [`HTTP/1.1 ${status} No\r\n${more}Content-Length: 2\r\n\r\nno`],
    },
  ];
}

const CASES: readonly EdgeCase[] = [
  {
    what: 'a WebSocket',
    send: [get('/', OFFER), { waitFor: 'answer' }, '\x81\x02hi', { waitFor: 200 }],
    source: '9110 7.8, 6455 4',
    replies: TUNNEL,
    rule: echoed('\x81\x02hi'),
  },
  {
    what: 'the handshake’s fields reach the backend',
    send: [
      get('/', [...OFFER, 'Origin: http://shop', 'Sec-WebSocket-Protocol: a, b']),
      { waitFor: 'answer' },
    ],
    source: '6455 4.1',
    replies: TUNNEL,
    rule: that('all of them', ({ requests }) => {
      const head = requests[0]?.head ?? '';
      const lacking = [
        'upgrade: websocket',
        'connection: upgrade',
        'origin: http://shop',
        'sec-websocket-key: dGhl',
        'sec-websocket-protocol: a, b',
      ].find((text) => !head.toLowerCase().includes(text.toLowerCase()));
      return lacking === undefined ? null : `the backend got no ${lacking}`;
    }),
  },
  {
    what: 'the accepting fields reach the client',
    send: [get('/', OFFER), { waitFor: 'answer' }],
    source: '6455 4.2.2',
    replies: TUNNEL,
    rule: that('all of them', ({ answers }) => {
      const head = (answers[0]?.head ?? '').toLowerCase();
      const lacking = ['upgrade: websocket', 'connection: upgrade', 'sec-websocket-accept: s3ppl'].find(
        (text) => !head.includes(text),
      );
      return lacking === undefined ? null : `the client got no ${lacking}`;
    }),
  },
  {
    what: 'bytes sent before the 101',
    send: [`${get('/', OFFER)}early`, { waitFor: 'answer' }, 'late', { waitFor: 200 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: echoed('earlylate'),
  },
  {
    what: 'bytes right behind the 101',
    send: [get('/', OFFER), { waitFor: 'answer' }, { waitFor: 100 }],
    source: '9110 7.8',
    replies: [{ when: 'head', says: [`${SWITCH}first`, { act: 'echo' }] }],
    rule: echoed('first'),
  },
  {
    what: 'bytes that look like a request, in a tunnel',
    send: [get('/', OFFER), { waitFor: 'answer' }, HIDDEN, { waitFor: 200 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: all(
      echoed(HIDDEN),
      that('one request', ({ requests }) =>
        requests.length === 1 ? null : 'a second request reached the backend',
      ),
    ),
  },
  {
    what: 'the client ends a tunnel: the backend is told',
    send: [get('/', OFFER), { waitFor: 'answer' }, 'x', { waitFor: 100 }, { leave: 'end' }, { waitFor: 300 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: all(
      opened,
      that('the backend sees the end', ({ requests }) =>
        requests[0]?.tunnel.endsWith('<end>') === true ? null : 'the backend still waits',
      ),
    ),
  },
  {
    what: 'the backend ends a tunnel: the client is told',
    send: [get('/', OFFER), { waitFor: 'answer' }, 'close, please', { waitFor: 300 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: all(
      opened,
      that('the client sees the end', ({ end }) => (end === 'open' ? 'the client still waits' : null)),
    ),
  },
  {
    what: 'a client that closes its half still gets what is on its way',
    send: [get('/', OFFER), { waitFor: 'answer' }, 'last words', { leave: 'end' }, { waitFor: 300 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: echoed('last words'),
  },
  {
    what: 'a silent tunnel lives on',
    send: [get('/', OFFER), { waitFor: 'answer' }, { waitFor: 2_600 }, 'still here', { waitFor: 200 }],
    source: 'design 3',
    stricter: 'no RFC says how long a tunnel may be silent',
    replies: TUNNEL,
    waitMs: 4_000,
    rule: echoed('still here'),
  },
  ...[200, 400, 403, 426, 500].map((status) => ({
    what: `refused with ${status}: bytes behind it are not the backend’s`,
    send: [`${get('/', OFFER)}${HIDDEN}`, { waitFor: 300 as const }],
    source: '9110 7.8',
    replies: refusal(status, status === 426 ? 'Upgrade: websocket\r\nConnection: Upgrade\r\n' : ''),
    rule: all(
      nothingHidden,
      that(`${status} reaches the client whole`, ({ answers }) => {
        const [answer] = answers;
        if (answer?.status !== status) return `answered ${answer?.status ?? 'nothing'}`;
        return answer.body === 'no' ? null : `with the body ${shown(answer.body)}`;
      }),
    ),
  })),
  {
    what: 'refused: what follows is a request of its own',
    send: [`${get('/1', OFFER)}${get('/2')}`, { waitFor: 300 }],
    source: '9110 7.8, 9112 9.3.2',
    replies: refusal(403),
    rule: all(
      nothingHidden,
      that('403, then 200', ({ answers }) => {
        const statuses = answers.map(({ status }) => status).join(', ');
        return statuses === '403, 200' ? null : statuses || 'no answer';
      }),
    ),
  },
  {
    what: '426 names what it wants',
    send: get('/'),
    source: '9110 15.5.22',
    replies: [
      { says: ['HTTP/1.1 426 No\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n'] },
    ],
    rule: passes({ status: 426, answer: { has: { upgrade: 'websocket' } } }),
  },
  {
    what: '101 that nobody asked for',
    send: get('/'),
    source: '9110 15.2.2',
    replies: TUNNEL,
    rule: brokenOff(502),
  },
  {
    what: '101 to a plain request, with a request behind it',
    send: `${get('/')}${HIDDEN}`,
    source: '9110 15.2.2',
    replies: TUNNEL,
    rule: all(
      nothingHidden,
      that('no 101 reaches the client', ({ answers }) =>
        answers.some(({ status }) => status === 101) ? '101 reaches the client' : null,
      ),
    ),
  },
  {
    what: '101 for another protocol than was offered',
    send: [get('/', OFFER), { waitFor: 'answer' }],
    source: '9110 7.8',
    stricter: '9110 7.8 forbids the backend to, and says nothing to who stands between',
    replies: [
      {
        when: 'head',
        says: ['HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n', { act: 'echo' }],
      },
    ],
    rule: brokenOff(502),
  },
  {
    what: 'Upgrade that Connection does not name',
    send: get('/', ['Upgrade: websocket', 'Sec-WebSocket-Key: x']),
    source: '9110 7.8',
    rule: plain,
  },
  {
    what: 'Upgrade that Connection does not name, and a 101 for it',
    send: [`${get('/', ['Upgrade: websocket'])}${HIDDEN}`, { waitFor: 200 }],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: all(
      nothingHidden,
      that('no 101 reaches the client', ({ answers }) =>
        answers.some(({ status }) => status === 101) ? '101 reaches the client' : null,
      ),
    ),
  },
  {
    what: 'Upgrade in HTTP/1.0',
    send: 'GET / HTTP/1.0\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    source: '9110 7.8',
    rule: plain,
  },
  {
    what: 'h2c is declined by answering',
    send: get('/', [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ]),
    source: '9110 7.8, 9113 3.1',
    stricter: MADE_ANEW,
    rule: all(plain, passes({ lacks: ['http2-settings', 'upgrade'] })),
  },
  {
    what: 'h2c, and a backend that would switch',
    send: [
      `${get('/', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'])}${HIDDEN}`,
      { waitFor: 200 },
    ],
    source: '9113 3.1, design 4',
    stricter: 'nothing forbids to pass it; what is tunnelled then passes every rule by',
    replies: [
      {
        when: 'head',
        says: ['HTTP/1.1 101 x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', { act: 'echo' }],
      },
    ],
    rule: all(
      nothingHidden,
      that('no 101 reaches the client', ({ answers }) =>
        answers.some(({ status }) => status === 101) ? '101 reaches the client' : null,
      ),
    ),
  },
  {
    what: 'h2c with a body',
    stricter: MADE_ANEW,
    send: `POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\nContent-Length: 2\r\n\r\nhi`,
    source: '9110 7.8',
    rule: all(plain, passes({ body: 'hi' })),
  },
  {
    what: 'a WebSocket with a body: its bytes are the body’s',
    send: `GET / HTTP/1.1\r\nHost: a\r\n${OFFER.join('\r\n')}\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    source: '9110 7.8',
    rule: either(
      that('the backend gets the body as a body', ({ requests }) =>
        requests.length === 1 && requests[0]?.body === HIDDEN ? null : 'the body is something else',
      ),
      refused(400, 501),
    ),
  },
  {
    what: 'several offers',
    send: [
      get(
        '/',
        OFFER.map((line) => line.replace('Upgrade: websocket', 'Upgrade: websocket, other/1')),
      ),
      { waitFor: 'answer' },
    ],
    source: '9110 7.8',
    replies: TUNNEL,
    rule: all(
      opened,
      that('all reach the backend in their order', ({ requests }) =>
        /^upgrade: websocket, other\/1\r$/im.test(requests[0]?.head ?? '') ? null : 'the backend got others',
      ),
    ),
  },
  {
    what: 'a backend that resets instead of answering an offer',
    send: [get('/', OFFER), { waitFor: 'answer' }],
    source: '9110 15.6.3',
    replies: [{ when: 'head', says: [{ act: 'reset' }] }],
    rule: brokenOff(502),
  },
  {
    what: 'a plain request after a refused offer finds its answer',
    send: [get('/1', OFFER), { waitFor: 'answer' }],
    afterwards: get('/2'),
    source: '9110 7.8',
    replies: refusal(403),
    rule: that('403, then 200', ({ answers }) => {
      const statuses = answers.map(({ status }) => status).join(', ');
      return statuses === '403, 200' ? null : statuses || 'no answer';
    }),
  },
];

/** The class. */
export const UPGRADES: EdgeClass = { name: 'upgrades', cases: CASES };
