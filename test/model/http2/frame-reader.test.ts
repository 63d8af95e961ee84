import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/model/http2/frame-reader.ts';
import {
  dataFrame,
  goawayFrame,
  headerFrames,
  pingFrame,
  resetFrame,
  settingsFrame,
  windowUpdateFrame,
} from '../../../src/model/http2/frame-writer.ts';
import { SessionError } from '../../../src/model/http2/http2-words.ts';

/** What is told of bytes that come in these pieces: bodies joined, since they may come in any. */
function read(pieces: readonly Buffer[]): string[] {
  const told: string[] = [];
  let body = '';
  let counted = 0;
  const reader = new FrameReader({
    frame: ({ type, flags, stream, payload }) =>
      told.push(`${type} ${flags} ${stream} ${payload.toString('hex')}`),
    data(piece) {
      body += piece.bytes.toString('latin1');
      counted += piece.counted;
      if (piece.isEnd) told.push(`body of ${piece.stream}: ${body.length} bytes, ${counted} counted`);
    },
  });
  for (const piece of pieces) reader.feed(Buffer.from(piece));
  return told;
}

const ALL = Buffer.concat([
  settingsFrame([[3, 100]]),
  headerFrames(1, '\x88'.repeat(40_000), false),
  dataFrame(1, Buffer.alloc(10_000, 'a'), false),
  pingFrame(Buffer.from('12345678'), true),
  dataFrame(1, Buffer.alloc(0), false),
  // Padded: three bytes of body, four of padding.
  Buffer.from([0, 0, 8, 0, 0x9, 0, 0, 0, 1, 4, 97, 98, 99, 0, 0, 0, 0]),
  windowUpdateFrame(0, 5),
  resetFrame(3, 8),
  goawayFrame(0, 7),
]);

describe('frames', () => {
  it('are told in order', () => {
    const told = read([ALL]);
    expect(told.map((line) => line.split(' ')[0])).toEqual(['4', '1', '9', '9', '6', 'body', '8', '3', '7']);
    expect(told).toContain('body of 1: 10003 bytes, 10008 counted');
    expect(told.at(-1)).toBe('7 0 0 0000000700000000');
  });

  it('are the same in whatever pieces they come', () => {
    const whole = read([ALL]);
    fc.assert(
      fc.property(fc.array(fc.nat(ALL.length), { maxLength: 40 }), (cuts) => {
        const at = [0, ...[...cuts].sort((a, b) => a - b), ALL.length];
        expect(read(at.slice(1).map((end, i) => ALL.subarray(at[i], end)))).toEqual(whole);
      }),
    );
    const byteByByte = Array.from(ALL.subarray(0, 2_000), (byte) => Buffer.from([byte]));
    expect(read([...byteByByte, ALL.subarray(2_000)])).toEqual(whole);
  });

  it('of more than 16 KiB are refused before their payload comes', () => {
    expect(() => read([Buffer.from([0, 0x40, 1, 0, 0, 0, 0, 0, 1])])).toThrow(SessionError);
  });

  it('with more padding than payload are refused', () => {
    expect(() => read([Buffer.from([0, 0, 1, 0, 8, 0, 0, 0, 1, 1])])).toThrow('more padding');
    expect(() => read([Buffer.from([0, 0, 0, 0, 8, 0, 0, 0, 1])])).toThrow('more padding');
  });

  it('a bit that is reserved says nothing', () => {
    expect(read([Buffer.from([0, 0, 4, 3, 0, 0x80, 0, 0, 5, 0, 0, 0, 8])])).toEqual(['3 0 5 00000008']);
  });
});
