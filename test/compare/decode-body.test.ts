import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { decodeBody } from '../../src/compare/decode-body.ts';

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Buffer };

it('undoes zstd where Node.js can, and says so where it cannot', () => {
  const headers = ['Content-Encoding', 'zstd'];
  const packed = zstdCompressSync?.(Buffer.from('hello')) ?? Buffer.from('whatever');
  const decoded = decodeBody(packed, headers);
  if (zstdCompressSync === undefined) expect(decoded).toEqual({ kind: 'unknown' });
  else expect(decoded).toEqual({ kind: 'decoded', bytes: Buffer.from('hello') });
});

it('leaves what is not coded, and what is empty', () => {
  expect(decodeBody(Buffer.from('a'), ['Content-Encoding', 'identity'])).toMatchObject({ kind: 'decoded' });
  expect(decodeBody(Buffer.alloc(0), ['Content-Encoding', 'gzip'])).toMatchObject({ kind: 'decoded' });
  expect(decodeBody(Buffer.from('a'), ['Content-Encoding', 'compress'])).toEqual({ kind: 'unknown' });
  // A name that every object has is no coding.
  expect(decodeBody(Buffer.from('a'), ['Content-Encoding', 'constructor'])).toEqual({ kind: 'unknown' });
});

it('bounds what comes out by its size and by how much it grew', () => {
  const packed = (bytes: number) => zlib.gzipSync(Buffer.alloc(bytes));
  const gzip = ['Content-Encoding', 'gzip'];
  expect(decodeBody(packed(60 * 1024), gzip).kind).toBe('decoded');
  // A thousand times as long.
  expect(decodeBody(packed(4 * 1024 * 1024), gzip).kind).toBe('too_large');
  const random = Buffer.from(Array.from({ length: 30 * 1024 }, (_, i) => (i * 7919 * (i % 13)) % 256));
  const larger = zlib.gzipSync(Buffer.concat(Array.from({ length: 600 }, () => random)));
  expect(decodeBody(larger, gzip).kind).toBe('too_large');
});
