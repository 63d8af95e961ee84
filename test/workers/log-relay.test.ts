import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { relayLines } from '../../src/workers/log-relay.ts';

it('whole lines go on in order, wherever they are cut, and half a line never', async () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n') }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, async (texts) => {
      const from = new PassThrough();
      const written: string[] = [];
      relayLines(from, { write: (lines) => void written.push(lines) });
      for (const text of texts) {
        // A character of two bytes may come in two pieces.
        for (const byte of Buffer.from(text)) from.write(Buffer.of(byte));
      }
      from.end();
      await new Promise((resolve) => from.once('end', resolve));
      const all = texts.join('');
      expect(written.join('')).toBe(all.slice(0, all.lastIndexOf('\n') + 1));
      for (const lines of written) expect(lines.endsWith('\n')).toBe(true);
    }),
    { numRuns: 200 },
  );
});
