import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawHead } from '../../../src/front/admit.ts';
import { type Admission, admit } from '../../../src/front/admit.ts';
import { RequestParser } from '../../../src/front/wire/request-parser.ts';
import { RAW_CASES } from './raw-cases.ts';

const LIMITS = { maxHeaderBytes: 32 * 1024, maxHeaders: 200, maxUrlBytes: 16 * 1024 };

/**
 * The head without its fields as text, once they were found to say the same, and without the memo of fields that were
 * there before: whether they are recognised depends on the pieces, what is made of them does not.
 */
function withoutLines(head: RawHead | null): RawHead | null {
  if (head === null) return null;
  const { lines, memo, ...rest } = head;
  if (lines !== undefined) {
    const { text, marks } = lines;
    for (let i = 0; i < head.headers.length; i++)
      expect(text.slice(marks[2 + i * 2], marks[3 + i * 2])).toBe(head.headers[i]);
  }
  return rest;
}

/** What a connection would do with these pieces, as text: one entry for each thing read, a body in one. */
function readAll(pieces: readonly Buffer[]): string[] {
  const parser = new RequestParser(LIMITS);
  const seen: string[] = [];
  for (const piece of pieces) {
    parser.give(piece);
    for (let step = parser.next(); step !== 'more'; step = parser.next()) {
      const isOver = step === 'head' ? takeHead(parser, seen) : takeRest(parser, step, seen);
      if (isOver) return seen;
    }
  }
  return seen;
}

function takeHead(parser: RequestParser, seen: string[]): boolean {
  const raw = parser.takeHead();
  const admission: Admission = admit(raw, LIMITS);
  expect(admit({ ...raw, memo: undefined }, LIMITS)).toEqual(admission);
  const isRefused = 'failure' in admission;
  seen.push(`${isRefused ? `refused ${admission.failure}` : 'head'} ${JSON.stringify(withoutLines(raw))}`);
  if (!isRefused) parser.beginBody(admission.bodyLength);
  return isRefused;
}

/** Where the bytes of a body are cut is nobody's business: they are put together. */
function takeRest(parser: RequestParser, step: 'chunk' | 'end' | 'failed', seen: string[]): boolean {
  const text = parser.chunk.toString('latin1');
  if (step === 'failed')
    seen.push(`failed ${parser.failure} ${JSON.stringify(withoutLines(parser.partialHead))}`);
  else if (step === 'end') seen.push(`end ${JSON.stringify(parser.trailers)}`);
  else if (seen.at(-1)?.startsWith('body ')) seen[seen.length - 1] += text;
  else seen.push(`body ${text}`);
  return step === 'failed';
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length));
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const cases = Object.values(RAW_CASES)
  .flat()
  .map(({ bytes }) => bytes)
  .filter((bytes) => bytes.length < 20_000);

/** Requests of the table, one after the other, and bytes that were changed in between. */
const requests = fc
  .tuple(
    fc.array(fc.constantFrom(...cases), { minLength: 1, maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('\r', '\n', '\0', ' ', ':', ';', '0', 'a', '\x80')), {
      maxLength: 3,
    }),
  )
  .map(([texts, edits]) => {
    const bytes = Buffer.from(texts.join(''), 'latin1');
    for (const [place, byte] of edits) bytes.write(byte, place % bytes.length, 'latin1');
    return bytes;
  });

describe('request parser', () => {
  it('reads the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(requests, cuts, (bytes, places) => {
        expect(readAll(cut(bytes, places))).toEqual(readAll([bytes]));
      }),
      { numRuns: 3000 },
    );
  });

  it('reads the same byte by byte', () => {
    for (const bytes of cases) {
      const whole = Buffer.from(bytes, 'latin1');
      const single = Array.from(whole, (_, i) => whole.subarray(i, i + 1));
      expect(readAll(single), JSON.stringify(bytes)).toEqual(readAll([whole]));
    }
  });

  it('never throws, never loops, and takes no more than there is, whatever comes', () => {
    const soup = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(
          fc.constantFrom(
            'GET',
            ' ',
            '/',
            'HTTP/1.1',
            '\r\n',
            '\n',
            ':',
            'Host: a',
            '0',
            'Transfer-Encoding: chunked',
          ),
        )
        .map((words) => Buffer.from(words.join(''), 'latin1')),
    );
    fc.assert(
      fc.property(soup, cuts, (bytes, places) => {
        const seen = readAll(cut(bytes, places));
        expect(seen.length).toBeLessThanOrEqual(bytes.length + 1);
      }),
      { numRuns: 5000 },
    );
  });

  it('hands on only what was sent: head and body are found in the bytes, in order', () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
    const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]{1,30}$/);
    const headers = fc.array(
      fc.tuple(
        token.map((name) => `X-${name}`),
        value,
      ),
      { maxLength: 20 },
    );
    const bodies = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 50 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(token, headers, bodies, fc.boolean(), cuts, (method, fields, pieces, isChunked, places) => {
        fc.pre(method !== 'CONNECT');
        const whole = pieces.join('');
        const framing = isChunked
          ? ['Transfer-Encoding', 'chunked']
          : ['Content-Length', String(whole.length)];
        const list = ['Host', 'a', ...fields.flat(), ...framing];
        let text = `${method} /x?y HTTP/1.1\r\n`;
        for (let i = 0; i < list.length; i += 2) text += `${list[i]}:${list[i + 1]}\r\n`;
        const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('');
        text += `\r\n${isChunked ? `${chunks}0\r\nT: u\r\n\r\n` : whole}`;
        const head = { method, target: '/x?y', major: 1, minor: 1, headers: list };
        const seen = [`head ${JSON.stringify(head)}`];
        if (whole !== '') seen.push(`body ${whole}`);
        if (isChunked) seen.push('end ["T","u"]');
        else if (whole !== '') seen.push('end []');
        expect(readAll(cut(Buffer.from(text, 'latin1'), places))).toEqual(seen);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads a head that dribbles in without reading it again and again', () => {
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(32_000)}\r\n\r\n`, 'latin1');
    const parser = new RequestParser(LIMITS);
    const from = performance.now();
    for (let i = 0; i < head.length - 1; i++) {
      parser.give(head.subarray(i, i + 1));
      expect(parser.next()).toBe('more');
    }
    parser.give(head.subarray(head.length - 1));
    expect(parser.next()).toBe('head');
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});
