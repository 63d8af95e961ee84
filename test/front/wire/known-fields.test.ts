import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, type RawHead } from '../../../src/front/admit.ts';
import { RequestParser } from '../../../src/front/wire/request-parser.ts';

const LIMITS = { maxHeaderBytes: 512, maxHeaders: 8, maxUrlBytes: 64 };

/** What a front may know of a head afterwards, but for what stands only in the text it came in. */
function seenOf(raw: RawHead): object {
  const { lines, memo: _, ...rest } = raw;
  const admitted = admit(raw, LIMITS);
  const marked = raw.headers.map((_value, i) =>
    lines?.text.slice(lines.marks[2 + i * 2], lines.marks[3 + i * 2]),
  );
  if ('failure' in admitted) return { rest, marked, failure: admitted.failure };
  const { head, traits, bodyLength } = admitted;
  return { rest, marked, head: { ...head, lines: undefined }, traits, bodyLength };
}

/** All heads that are read of these bytes, cut in pieces of this size. */
function readHeads(parser: RequestParser, bytes: string, size: number): object[] {
  const seen: object[] = [];
  const input = Buffer.from(bytes, 'latin1');
  for (let at = 0; at < input.length; at += size) {
    parser.give(Buffer.from(input.subarray(at, at + size)));
    for (let step = parser.next(); step !== 'more'; step = parser.next()) {
      if (step !== 'head') return [...seen, { failed: parser.failure, partial: parser.partialHead?.target }];
      seen.push(seenOf(parser.takeHead()));
      parser.beginBody(0);
    }
    parser.own();
  }
  return seen;
}

const line = fc.constantFrom(
  'GET /a HTTP/1.1',
  'GET /bb?x=1 HTTP/1.1',
  'POST /a HTTP/1.0',
  'GET http://b/ HTTP/1.1',
);
const fields = fc.constantFrom(
  'Host: a\r\n',
  'Host: b\r\n',
  'Host: a\r\nAccept: text/html\r\n',
  'Host: a\r\nAccept: text/htmX\r\n',
  'Host: b\r\nAccept: text/html\r\nVia: 1 banyan\r\n',
  'Host: a\r\nContent-Length: 0\r\n',
  'Host: a\r\nHost: b\r\n',
  `Host: a\r\nCookie: ${'c'.repeat(460)}\r\n`,
  `Host: a\r\n${'X: y\r\n'.repeat(8)}`,
  'Host : a\r\n',
  '',
);
const head = fc.tuple(line, fields).map(([first, rest]) => `${first}\r\n${rest}\r\n`);

describe('fields that a client sends again', () => {
  it('are read as if they were new, however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(head, fc.nat(4)), { maxLength: 5 }),
        fc.integer({ min: 1, max: 700 }),
        (drawn, size) => {
          const heads = drawn.flatMap(([one, times]) => Array.from({ length: times }, () => one));
          const parser = new RequestParser(LIMITS);
          const expected: object[] = [];
          for (const one of heads) {
            const [first] = readHeads(new RequestParser(LIMITS), one, one.length);
            if (first !== undefined) expected.push(first);
            if (first !== undefined && 'failed' in first) break;
          }
          expect(readHeads(parser, heads.join(''), size)).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('are the same objects from the third time on, until they are forgotten', () => {
    const parser = new RequestParser(LIMITS);
    const next = (target: string): RawHead => {
      parser.give(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n`));
      expect(parser.next()).toBe('head');
      const taken = parser.takeHead();
      parser.beginBody(0);
      expect(taken.target).toBe(target);
      return taken;
    };
    const [first, second, third] = [next('/1'), next('/22'), next('/')];
    expect(second.headers).not.toBe(first.headers);
    expect(third.headers).toBe(second.headers);
    expect([first.lines?.isKept, second.lines?.isKept, third.lines?.isKept]).toEqual([undefined, true, true]);
    parser.forget();
    expect(next('/4').headers).not.toBe(second.headers);
  });
});
