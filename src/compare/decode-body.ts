/**
 * A body without its Content-Encoding. What comes out is bounded, since ten kilobytes can be ten gigabytes: by size, and
 * by how many times as long it is as what came in. More than two codings are nobody's honest answer.
 */
import * as zlib from 'node:zlib';
import { type HeaderList, tokensOf } from '../model/header-list.ts';

/** Bytes of a decoded body. */
const MOST_DECODED = 16 * 1024 * 1024;
/** Text of machines shrinks to a hundredth at times. */
const MOST_TIMES = 300;
const MOST_CODINGS = 2;

/** The bytes, or why there are none. `unknown`: a coding that this Node.js cannot undo. */
export type Decoded =
  | { readonly kind: 'decoded'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'broken' }
  | { readonly kind: 'unknown' };

type Undo = (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer;

/** Undoes what Content-Encoding names. */
export function decodeBody(body: Uint8Array, headers: HeaderList): Decoded {
  const codings = codingsOf(headers);
  if (codings.length > MOST_CODINGS) return { kind: 'unknown' };
  const most = Math.min(MOST_DECODED, Math.max(64 * 1024, body.length * MOST_TIMES));
  let bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  // Applied in the order in which they are listed, so undone from the last.
  for (const coding of codings.toReversed()) {
    const undo = UNDO.get(coding);
    if (undo === undefined) return { kind: 'unknown' };
    // An answer without a body (HEAD, 204) says the coding that it would have.
    if (bytes.length === 0) break;
    const undone = undoneBy(undo, bytes, most);
    if (undone.kind !== 'decoded') return undone;
    bytes = Buffer.from(undone.bytes);
  }
  return bytes.length > most ? { kind: 'too_large' } : { kind: 'decoded', bytes };
}

/** The codings that matter, in lower case. */
export function codingsOf(headers: HeaderList): string[] {
  return tokensOf(headers, 'content-encoding').filter((coding) => coding !== 'identity');
}

function undoneBy(undo: Undo, bytes: Uint8Array, maxOutputLength: number): Decoded {
  try {
    return { kind: 'decoded', bytes: undo(bytes, { maxOutputLength }) };
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return { kind: isTooLarge ? 'too_large' : 'broken' };
  }
}

const gunzip: Undo = (bytes, options) => zlib.gunzipSync(bytes, options);

/** `deflate` is meant to have zlib's frame; some send it without. */
const inflate: Undo = (bytes, options) =>
  ((bytes[0] ?? 0) & 0x0f) === 8 ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);

/** zstd came with Node.js 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: Undo };

const UNDO: ReadonlyMap<string, Undo | undefined> = new Map([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', inflate],
  ['br', (bytes, options) => zlib.brotliDecompressSync(bytes, options)],
  ['zstd', zstdDecompressSync],
]);
