import { get } from '../../support/raw-client.ts';
import type { EdgeCase, EdgeClass, Reply, Rule } from '../edge-case.ts';
import { all, brokenOff, either, passes, shown, that } from '../rules.ts';

/**
 * Class `answers`: what a backend says, sound and broken. A sound one passes whole. A broken one gives the client an
 * answer of the proxy's own or a visibly cut one; and never does anything of it reach the next client, who asks right
 * after it.
 */

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const NEXT = get('/next');

function reply(bytes: string, ...acts: Reply['says']): readonly Reply[] {
  return [{ says: [bytes, ...acts] }];
}

/** Whoever comes next gets the answer to what it asked. */
const nextIsWell: Rule = that('the next client gets its own answer', ({ answers }) => {
  const last = answers.at(-1);
  if (last === undefined) return 'the next client got no answer';
  return last.status === 200 && last.body === 'ok'
    ? null
    : `the next client got ${last.status} with the body ${shown(last.body)}`;
});

/** The first client's part of a rule, the second one's answer set aside. */
function first(rule: Rule): Rule {
  return { text: rule.text, check: (seen) => rule.check({ ...seen, answers: seen.answers.slice(0, -1) }) };
}

/** Nothing of it may look like an answer of the backend's. */
function broken(
  what: string,
  bytes: string,
  more: Partial<EdgeCase> & { acts?: Reply['says'] } = {},
): EdgeCase {
  const { acts = [], ...rest } = more;
  const rule = all(first(brokenOff(502)), nextIsWell);
  return {
    what,
    send: get('/'),
    source: '9112 4, 5, 6',
    replies: reply(bytes, ...acts),
    afterwards: NEXT,
    rule,
    ...rest,
  };
}

/** It reaches the client whole. */
function sound(
  what: string,
  bytes: string,
  more: Partial<EdgeCase> & { acts?: Reply['says'] } = {},
): EdgeCase {
  const { acts = [], ...rest } = more;
  return { what, send: get('/'), source: '9112 6', replies: reply(bytes, ...acts), rule: passes(), ...rest };
}

function body(text: string, more: NonNullable<Parameters<typeof passes>[0]>['answer'] = {}): Rule {
  return passes({ answer: { body: text, ...more } });
}

const END = { act: 'end' } as const;
const RESET = { act: 'reset' } as const;
const FOLDED = '9112 5.2 lets a folded line be joined';
const BARE_LF = '9112 2.2 lets a reader take a bare LF for the end of a line';
const KEPT = '9110 5.5 lets it be kept, or become a space';

const HEADS: readonly EdgeCase[] = [
  broken('another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', { acts: [END] }),
  broken('nothing, and a FIN', '', { acts: [END] }),
  broken('nothing, and a reset', '', { acts: [RESET] }),
  broken('half a status line', 'HTTP/1.1 2', { acts: [END] }),
  broken('half a head', `${OK}X: y\r\n`, { acts: [END] }),
  broken('half a head, and a reset', `${OK}X: y\r\n`, { acts: [RESET] }),
  broken('a status line of HTTP/2', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a version that is none', 'HTTP/1 200 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('no version', 'HTTP 200 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a lower-case version', 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a status of two digits', 'HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a status of four digits', 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('the status 000', 'HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('the status 099', 'HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('the status 600', 'HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n', {
    acts: [END],
    source: '9110 15',
    stricter: '9110 15 lets it be read as a 5xx',
  }),
  broken('the status 999', 'HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n', {
    acts: [END],
    source: '9110 15',
    stricter: '9110 15 lets it be read as a 5xx',
  }),
  broken('a status that is no number', 'HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a negative status', 'HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n', { acts: [END] }),
  broken('a NUL in the phrase', 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n', {
    acts: [END],
    stricter: KEPT,
  }),
  broken('a bare CR in the phrase', 'HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n', {
    acts: [END],
    stricter: KEPT,
  }),
  broken('an empty line first', `\r\n${OK}Content-Length: 0\r\n\r\n`, { acts: [END] }),
  broken('lines that end with LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', {
    acts: [END],
    stricter: BARE_LF,
  }),
  broken('a bare LF among the fields', `${OK}A: 1\nContent-Length: 0\r\n\r\n`, {
    acts: [END],
    stricter: BARE_LF,
  }),
  broken('a bare CR in a value', `${OK}A: 1\rB: 2\r\nContent-Length: 0\r\n\r\n`, {
    acts: [END],
    stricter: KEPT,
  }),
  broken('a NUL in a value', `${OK}A: 1\0\r\nContent-Length: 0\r\n\r\n`, { acts: [END], stricter: KEPT }),
  broken('a control character in a value', `${OK}A: 1\x01\r\nContent-Length: 0\r\n\r\n`, {
    acts: [END],
    stricter: KEPT,
  }),
  broken('a folded line', `${OK}A: 1\r\n b\r\nContent-Length: 0\r\n\r\n`, { acts: [END], stricter: FOLDED }),
  broken('a folded line first', `${OK} A: 1\r\nContent-Length: 0\r\n\r\n`, { acts: [END], stricter: FOLDED }),
  broken('a line without a colon', `${OK}nonsense\r\nContent-Length: 0\r\n\r\n`, { acts: [END] }),
  broken('an empty name', `${OK}: x\r\nContent-Length: 0\r\n\r\n`, { acts: [END] }),
  broken('a name with a space', `${OK}A b: x\r\nContent-Length: 0\r\n\r\n`, { acts: [END] }),
  broken('a name with a control character', `${OK}A\x01: x\r\nContent-Length: 0\r\n\r\n`, { acts: [END] }),
  {
    ...sound('a space before the colon is taken away', `${OK}Content-Length : 2\r\n\r\nok`),
    source: '9112 5.1',
    rule: either(passes({ answer: { body: 'ok' } }), brokenOff(502)),
  },
  broken('a head of a megabyte', `${OK}A: ${'a'.repeat(1 << 20)}\r\nContent-Length: 0\r\n\r\n`, {
    acts: [END],
    source: 'design 8',
    stricter: 'no RFC sets a limit',
  }),
  broken('5 000 fields', `${OK}${'A: 1\r\n'.repeat(5_000)}Content-Length: 0\r\n\r\n`, {
    acts: [END],
    source: 'design 8',
    stricter: 'no RFC sets a limit',
  }),
  broken('200 interim answers', `${'HTTP/1.1 103 x\r\n\r\n'.repeat(200)}${OK}Content-Length: 0\r\n\r\n`, {
    acts: [END],
    source: 'design 8',
    stricter: 'no RFC sets a limit',
  }),
  broken('interim answers without an end', 'HTTP/1.1 102 x\r\n\r\n'.repeat(5_000), {
    acts: [END],
    source: '9110 15.2',
  }),
];

const FRAMING: readonly EdgeCase[] = [
  broken('two lengths that differ', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`, {
    source: '9112 6.3',
  }),
  broken('two equal lengths', `${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nab`, {
    source: '9112 6.3',
    stricter: '9112 6.3 lets equal lengths be one',
  }),
  broken('a list of equal lengths', `${OK}Content-Length: 2, 2\r\n\r\nab`, {
    source: '9112 6.3',
    stricter: '9112 6.3 lets equal lengths be one',
  }),
  broken('a list of lengths that differ', `${OK}Content-Length: 2, 3\r\n\r\nabc`, { source: '9112 6.3' }),
  broken('a signed length', `${OK}Content-Length: +2\r\n\r\nab`, { source: '9112 6.3' }),
  broken('a negative length', `${OK}Content-Length: -2\r\n\r\nab`, { source: '9112 6.3' }),
  broken('a length that is none', `${OK}Content-Length: two\r\n\r\nab`, { source: '9112 6.3' }),
  broken('a hexadecimal length', `${OK}Content-Length: 0x2\r\n\r\nab`, { source: '9112 6.3' }),
  broken('an empty length', `${OK}Content-Length:\r\n\r\nab`, { source: '9112 6.3' }),
  broken('a length beyond 2⁶⁴', `${OK}Content-Length: 99999999999999999999\r\n\r\nab`, {
    source: '9112 6.3',
  }),
  broken(
    'a length and chunked',
    `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
    { source: '9112 6.3', stricter: '9112 6.3 lets the length be ignored' },
  ),
  broken('a coding that is none', `${OK}Transfer-Encoding: nonsense\r\n\r\nab`, {
    acts: [END],
    source: '9112 6.1',
    stricter: '9112 6.3 lets it end with the connection',
  }),
  broken('chunked twice', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`, {
    acts: [END],
    source: '9112 6.1',
  }),
  broken('chunked, then another', `${OK}Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nab\r\n0\r\n\r\n`, {
    acts: [END],
    source: '9112 6.1',
    stricter: '9112 6.3 lets it end with the connection',
  }),
  broken('chunked in HTTP/1.0', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`, {
    acts: [END],
    source: '9112 6.1',
    stricter: '9112 6.1 lets it be read, if the connection is closed',
  }),
  broken('fewer bytes than the length, and a FIN', `${OK}Content-Length: 9\r\n\r\nhalf`, {
    acts: [END],
    source: '9112 8',
  }),
  broken('fewer bytes than the length, and a reset', `${OK}Content-Length: 9\r\n\r\nhalf`, {
    acts: [RESET],
    source: '9112 8',
  }),
  broken('no length, and a reset', `${OK}\r\nhalf`, { acts: [RESET], source: '9112 8' }),
  ...(
    [
      ['a FIN within a chunk', '5\r\nhal', [END]],
      ['a reset within a chunk', '5\r\nhal', [RESET]],
      ['a FIN between chunks', '4\r\nhalf\r\n', [END]],
      ['a FIN before the last empty line', '4\r\nhalf\r\n0\r\n', [END]],
      ['a FIN within trailers', '4\r\nhalf\r\n0\r\nX: ', [END]],
      ['a chunk size that is none', '4\r\nhalf\r\nzz\r\nab\r\n0\r\n\r\n', [END]],
      ['an empty chunk size', '4\r\nhalf\r\n\r\n0\r\n\r\n', [END]],
      ['a signed chunk size', '4\r\nhalf\r\n+2\r\nab\r\n0\r\n\r\n', [END]],
      ['a chunk size with 0x', '4\r\nhalf\r\n0x2\r\nab\r\n0\r\n\r\n', [END]],
      ['a chunk size beyond 2⁶⁴', '4\r\nhalf\r\n10000000000000002\r\nab\r\n0\r\n\r\n', [END]],
      ['a chunk size that ends with LF', '4\r\nhalf\r\n2\nab\r\n0\r\n\r\n', [END]],
      ['a chunk longer than its size', '4\r\nhalf\r\n2\r\nabc\r\n0\r\n\r\n', [END]],
      ['a chunk that ends with LF', '4\r\nhalf\r\n2\r\nab\n0\r\n\r\n', [END]],
      ['a trailer without a colon', '4\r\nhalf\r\n0\r\nnonsense\r\n\r\n', [END]],
    ] satisfies readonly (readonly [string, string, Reply['says']])[]
  ).map(([what, bytes, acts]) => broken(what, CHUNKED + bytes, { acts, source: '9112 7.1, 8' })),
];

/** Sound at first, with something behind it that belongs to nobody. The client gets its answer, nobody gets the rest. */
const LEFTOVERS: readonly EdgeCase[] = (
  [
    [
      'a second answer behind it',
      `${OK}Content-Length: 5\r\n\r\nfirstHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`,
      'first',
    ],
    [
      'a second answer behind chunks',
      `${CHUNKED}5\r\nfirst\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`,
      'first',
    ],
    ['bytes behind its length', `${OK}Content-Length: 5\r\n\r\nfirst and more`, 'first'],
    ['a body behind a 204', 'HTTP/1.1 204 No\r\n\r\npoison', ''],
    ['a body behind a 304', 'HTTP/1.1 304 No\r\nContent-Length: 6\r\n\r\npoison', ''],
    [
      'chunks behind a 204',
      'HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n6\r\npoison\r\n0\r\n\r\n',
      '',
    ],
  ] as const
).map(([what, bytes, text]) => ({
  what,
  send: get('/'),
  source: '9112 6.3, 9.2',
  replies: reply(bytes),
  afterwards: NEXT,
  rule: all(
    nextIsWell,
    that('and the first its own', ({ answers: [answer] }) =>
      answer !== undefined && (answer.status === 502 || answer.body === text)
        ? null
        : `the first got ${answer?.status} ${shown(answer?.body ?? '')}`,
    ),
  ),
}));

const LATE = `HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`;

const MORE_LEFTOVERS: readonly EdgeCase[] = [
  {
    what: 'a second answer that comes late, on an idle connection',
    send: [get('/'), { waitFor: 'answer' }, { waitFor: 200 }],
    source: '9112 9.2',
    replies: reply(`${OK}Content-Length: 5\r\n\r\nfirst`, { waitMs: 100 }, LATE),
    afterwards: NEXT,
    rule: nextIsWell,
  },
  {
    what: 'a 408 on an idle connection is nobody’s answer',
    send: [get('/'), { waitFor: 'answer' }, { waitFor: 200 }],
    source: '9112 9.2',
    replies: reply(
      `${OK}Content-Length: 5\r\n\r\nfirst`,
      { waitMs: 100 },
      'HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n',
    ),
    afterwards: NEXT,
    rule: nextIsWell,
  },
  {
    what: 'a body behind the answer to HEAD',
    send: 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n',
    methods: ['HEAD'],
    source: '9110 9.3.2',
    replies: reply(`${OK}Content-Length: 6\r\n\r\npoison`),
    afterwards: NEXT,
    rule: nextIsWell,
  },
  {
    what: 'an answer before the request is whole',
    stricter: 'a proxy may read a whole body before it asks anybody',
    send: ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nhalf', { waitFor: 'answer' }],
    source: '9112 9.3, 9.6',
    replies: [{ when: 'head', says: [`${OK.replace('200', '413')}Content-Length: 3\r\n\r\nbig`] }],
    afterwards: NEXT,
    rule: all(
      nextIsWell,
      that('and the first gets it', ({ answers: [answer] }) =>
        answer?.status === 413 ? null : `the first got ${answer?.status ?? 'nothing'}`,
      ),
    ),
  },
];

const SOUND: readonly EdgeCase[] = [
  sound('by its length', `${OK}Content-Length: 5\r\n\r\nhello`, { rule: body('hello') }),
  sound('of no bytes', `${OK}Content-Length: 0\r\n\r\n`, { rule: body('') }),
  sound('in chunks', `${CHUNKED}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`, { rule: body('hello') }),
  sound('in chunks with extensions', `${CHUNKED}5;a="b"\r\nhello\r\n0;c\r\n\r\n`, { rule: body('hello') }),
  sound('in chunks with leading zeros', `${CHUNKED}0005\r\nhello\r\n00\r\n\r\n`, { rule: body('hello') }),
  sound('until the connection ends', `${OK}\r\nhello`, { acts: [END], rule: body('hello') }),
  sound('of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', { acts: [END], rule: body('hello') }),
  sound('of HTTP/1.0 by its length', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', {
    acts: [END],
    rule: body('hello'),
  }),
  sound('chunked in capitals', `${OK}Transfer-Encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, {
    rule: body('hello'),
  }),
  sound(
    'with trailers',
    `${OK}Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
    {
      send: get('/', ['TE: trailers', 'Connection: TE']),
      source: '9110 6.5',
      stricter: '9110 6.5.1 lets them be dropped',
      rule: body('hello', { trailers: /^x-sum: 1$/i }),
    },
  ),
  sound('without a phrase', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', {
    source: '9112 4',
    rule: body('ok'),
  }),
  sound('without the space before the phrase', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', {
    source: '9112 4',
    stricter: '9112 4 has the space; servers leave it out',
    rule: body('ok'),
  }),
  sound('a phrase of its own', 'HTTP/1.1 200 T\xe4st it\r\nContent-Length: 2\r\n\r\nok', {
    source: '9112 4',
    rule: body('ok'),
  }),
  sound('an empty value', `${OK}X-Empty:\r\nContent-Length: 2\r\n\r\nok`, {
    source: '9110 5.5',
    rule: body('ok', { has: { 'x-empty': '' } }),
  }),
  sound('a status that nobody knows', 'HTTP/1.1 299 Odd\r\nContent-Length: 2\r\n\r\nok', {
    source: '9110 15',
    rule: passes({ status: 299 }),
  }),
  sound('a status of class 5 that nobody knows', 'HTTP/1.1 599 Odd\r\nContent-Length: 2\r\n\r\nok', {
    source: '9110 15',
    rule: passes({ status: 599 }),
  }),
  sound('103 before it', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`, {
    source: '9110 15.2',
    rule: body('ok', { interim: [103] }),
  }),
  sound(
    '102 and 103 before it',
    `HTTP/1.1 102 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
    { source: '9110 15.2', rule: body('ok', { interim: [102, 103] }) },
  ),
  sound('204', 'HTTP/1.1 204 No Content\r\n\r\n', { source: '9110 15.3.5', rule: passes({ status: 204 }) }),
  sound('204 with a length of 0 loses it', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n', {
    source: '9110 8.6',
    rule: passes({ status: 204, answer: { lacks: ['content-length'] } }),
  }),
  sound('304 with a length', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\n\r\n', {
    source: '9110 15.4.5',
    rule: passes({ status: 304 }),
  }),
  sound('in pieces', OK, {
    acts: [
      { waitMs: 30 },
      'Content-Le',
      { waitMs: 30 },
      'ngth: 5\r\n\r',
      { waitMs: 30 },
      '\nhel',
      { waitMs: 30 },
      'lo',
    ],
    rule: body('hello'),
  }),
  sound(
    '503 with Retry-After, asked for once',
    'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n',
    { source: '9110 15.6.4', rule: passes({ status: 503, answer: { has: { 'retry-after': '7' } } }) },
  ),
  sound(
    'a redirect is not followed',
    'HTTP/1.1 302 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n',
    { source: '9110 15.4', rule: passes({ status: 302, answer: { has: { location: '/elsewhere' } } }) },
  ),
];

/** The class. */
export const ANSWERS: EdgeClass = {
  name: 'answers',
  cases: [...SOUND, ...HEADS, ...FRAMING, ...LEFTOVERS, ...MORE_LEFTOVERS],
};
