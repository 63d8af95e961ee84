import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldAnswer } from '../../../src/forward/http2/held-answer.ts';

it('gives back what was held, to the byte, and counts what it took', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 3_000 }), fc.nat(300)), { maxLength: 40 }),
      (pieces) => {
        const held = new HeldAnswer();
        for (const [bytes, padding] of pieces) held.add(Buffer.from(bytes), bytes.length + padding);
        const given: Buffer[] = [];
        let counted = 0;
        for (let piece = held.next(); piece !== null; piece = held.next()) {
          given.push(piece.bytes);
          counted += piece.counted;
        }
        expect(Buffer.concat(given)).toEqual(Buffer.concat(pieces.map(([bytes]) => bytes)));
        expect(counted).toBe(pieces.reduce((sum, [bytes, padding]) => sum + bytes.length + padding, 0));
        expect(held.isEmpty).toBe(true);
      },
    ),
  );
});

it('keeps a copy: the bytes are the reader’s again at once', () => {
  const held = new HeldAnswer();
  const bytes = Buffer.from('abc');
  held.add(bytes, 3);
  bytes.fill('x');
  expect(held.next()?.bytes.toString()).toBe('abc');
});

it('makes few pieces of many small ones', () => {
  const held = new HeldAnswer();
  for (let i = 0; i < 10_000; i++) held.add(Buffer.from('a'), 1);
  let pieces = 0;
  while (held.next() !== null) pieces++;
  expect(pieces).toBe(3);
});
