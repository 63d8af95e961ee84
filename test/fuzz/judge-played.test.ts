import { describe, expect, it } from 'vitest';
import type { FuzzRecord } from './fuzz-backend.ts';
import { type FuzzReply, TAG, tagOf } from './fuzz-case.ts';
import { judgePlayed } from './judge-played.ts';
import type { Played } from './play-fuzz-case.ts';
import { readRequest } from './reference-requests.ts';

/** Each rule is broken once, by a proxy that is made up: a judge that finds nothing would be worth nothing. */

const TERMS = { addedFields: new Set(['x-real-ip']) };
const FIRST = 'POST /a HTTP/1.1\r\nHost: shop\r\nX-N: 1\r\nContent-Length: 5\r\n\r\nhello';
const ONE = answer(1);

function answer(serial: number, body = tagOf(serial)): string {
  return `HTTP/1.1 200 OK\r\nX-Tag: ${tagOf(serial)}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function record(serial: number, bytes: string, changes: Partial<FuzzRecord> = {}): FuzzRecord {
  const reply: FuzzReply = { name: 'length', pieces: [TAG], when: 'body', after: 'keep' };
  const own = { serial, reply, request: readRequest(bytes), isWhole: true, sent: answer(serial) } as const;
  return { ...own, ended: 'open', tunnel: '', isPoisoned: false, ...changes };
}

const LAST = 'GET /last HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';

function played(requests: string, bytes: string, records: readonly FuzzRecord[]): Played {
  const one = { requests: [requests], ways: [], cuts: [], ending: 'last', replies: [] } as const;
  return { one, bytes, ended: 'end', records };
}

/** What a proxy does that does all right: the first request, and the last. */
const RIGHT = played(FIRST, ONE + answer(2), [record(1, FIRST), record(2, LAST)]);

describe('judgePlayed', () => {
  it('finds nothing where nothing is', () => {
    expect(judgePlayed(RIGHT, TERMS)).toBeNull();
  });

  const halved = { sent: ONE.slice(0, -3), ended: 'end' } as const;
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n';
  it.each<[string, string, Played]>([
    [
      'a request that nobody sent',
      'a request came out that did not go in',
      { ...RIGHT, records: [...RIGHT.records, record(3, smuggled)] },
    ],
    [
      'another target',
      'a request came out that did not go in',
      { ...RIGHT, records: [record(1, FIRST.replace('/a', '/b'))] },
    ],
    [
      'another body',
      'a request came out that did not go in',
      { ...RIGHT, records: [record(1, FIRST.replace('hello', 'jello'))] },
    ],
    [
      'a field that nobody sent',
      'a request came out that did not go in',
      { ...RIGHT, records: [record(1, FIRST.replace('X-N', 'X-Admin: 1\r\nX-N'))] },
    ],
    [
      'requests in another order',
      'requests came out in another order',
      { ...RIGHT, records: RIGHT.records.toReversed() },
    ],
    [
      'a request that is no request',
      'a request came out that did not go in',
      { ...RIGHT, one: { ...RIGHT.one, requests: [FIRST.replace('5', '5, 5')] } },
    ],
    [
      'a POST twice',
      'a request came out that did not go in',
      { ...RIGHT, records: [record(1, FIRST, { sent: '' }), record(2, FIRST)] },
    ],
    [
      'a POST twice, the first one unheard',
      'a request was sent twice',
      { ...RIGHT, records: [record(1, FIRST, { sent: '', isPoisoned: true }), record(2, FIRST)] },
    ],
    ['more answers', 'more answers than requests', { ...RIGHT, bytes: ONE + answer(2) + answer(3) }],
    ['answers changed about', 'an answer of another exchange', { ...RIGHT, bytes: answer(2) + ONE }],
    ['another status', 'another status', { ...RIGHT, bytes: ONE.replace('200', '201') + answer(2) }],
    ['another body of an answer', 'another body', { ...RIGHT, bytes: answer(1, tagOf(2)) + answer(2) }],
    [
      'an answer that ended early and looks whole',
      'a broken answer looks whole',
      {
        ...RIGHT,
        bytes: answer(1, tagOf(1).slice(0, -3)) + answer(2),
        records: [record(1, FIRST, halved), record(2, LAST)],
      },
    ],
    ['an answer that is cut for nothing', 'a whole answer was cut', { ...RIGHT, bytes: ONE.slice(0, -3) }],
    [
      '502 for a good answer',
      'a whole answer was not passed on',
      {
        ...RIGHT,
        bytes: `HTTP/1.1 502 Bad Gateway\r\nX-Request-Id: x\r\nContent-Length: 0\r\n\r\n${answer(2)}`,
      },
    ],
    [
      '504 for a good answer',
      'too late',
      {
        ...RIGHT,
        bytes: `HTTP/1.1 504 Gateway Timeout\r\nX-Request-Id: x\r\nContent-Length: 0\r\n\r\n${answer(2)}`,
      },
    ],
    ['an answer from nowhere', 'an answer from nobody', { ...RIGHT, records: [record(2, LAST)] }],
    ['an answer that is none', 'an answer is malformed', { ...RIGHT, bytes: ONE.replace('HTTP/1.1', 'ICY') }],
    ['bytes behind', 'an answer is malformed', { ...RIGHT, bytes: `${ONE + answer(2)}more\r\n\r\n` }],
    ['half a line behind', 'bytes behind the answers', { ...RIGHT, bytes: `${ONE + answer(2)}more` }],
    ['no end', 'the connection never ends', { ...RIGHT, ended: 'open' }],
    [
      'a tunnel that changes bytes',
      'a tunnel changes bytes',
      { ...RIGHT, records: [record(1, FIRST, { tunnel: 'GET /other' }), record(2, LAST)] },
    ],
  ])('finds %s', (_, rule, one) => {
    expect(judgePlayed(one, TERMS)?.rule).toBe(rule);
  });

  it('lets a GET come twice whose first answer never began', () => {
    const get = 'GET /a HTTP/1.1\r\nHost: shop\r\nX-N: 1\r\n\r\n';
    const twice = [record(1, get, { sent: '' }), record(2, get), record(3, LAST)];
    expect(judgePlayed(played(get, answer(2) + answer(3), twice), TERMS)).toBeNull();
    const begun = [record(1, get, { sent: 'H' }), record(2, get), record(3, LAST)];
    expect(judgePlayed(played(get, answer(2) + answer(3), begun), TERMS)?.rule).toBe(
      'a request came out that did not go in',
    );
  });
});
