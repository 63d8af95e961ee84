import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { relayLines } from '../../src/workers/log-relay.ts';

it('passes on whole lines only, whatever the pieces are', async () => {
  const text = 'one\ntwo with “quotes”\n\nthree\nhalf a li';
  for (const size of [1, 2, 3, 7, 1_000]) {
    const from = new PassThrough();
    const written: string[] = [];
    relayLines(from, { write: (lines) => void written.push(lines) });
    const bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += size) {
      from.write(bytes.subarray(i, i + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(written.join('')).toBe('one\ntwo with “quotes”\n\nthree\n');
    for (const lines of written) expect(lines.endsWith('\n')).toBe(true);
  }
});
