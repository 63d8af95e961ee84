import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameBoundaries } from '../../src/forward/websocket-frames.ts';

/** A frame as RFC 6455 section 5.2 draws it. */
function frame(payloadLength: number, masked: boolean): Buffer {
  const length =
    payloadLength < 126
      ? [payloadLength]
      : payloadLength < 65536
        ? [126, payloadLength >> 8, payloadLength & 0xff]
        : [
            127,
            0,
            0,
            0,
            0,
            (payloadLength >> 24) & 0xff,
            (payloadLength >> 16) & 0xff,
            (payloadLength >> 8) & 0xff,
            payloadLength & 0xff,
          ];
  length[0] = (length[0] as number) | (masked ? 0x80 : 0);
  return Buffer.concat([
    Buffer.from([0x82, ...length]),
    Buffer.alloc(masked ? 4 : 0, 7),
    Buffer.alloc(payloadLength, 0x88),
  ]);
}

const frames = fc.array(
  fc
    .tuple(fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65535, 65536)), fc.boolean())
    .map(([length, masked]) => frame(length, masked)),
  { minLength: 1, maxLength: 6 },
);

it('finds exactly the ends of frames, however the bytes are cut', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 5000 }), (all, size) => {
      const bytes = Buffer.concat(all);
      let end = 0;
      const ends = all.map((one) => {
        end += one.length;
        return end;
      });
      const found: number[] = [];
      const boundaries = new FrameBoundaries();
      for (let at = 0; at < bytes.length; at += size) {
        let piece = bytes.subarray(at, at + size);
        let offset = at;
        for (let end = boundaries.readToBoundary(piece); end !== -1; end = boundaries.readToBoundary(piece)) {
          found.push(offset + end);
          offset += end;
          piece = piece.subarray(end);
          if (piece.length === 0) break;
        }
      }
      expect(found).toEqual(ends);
      expect(boundaries.isAtBoundary).toBe(true);
    }),
    { numRuns: 100 },
  );
});
