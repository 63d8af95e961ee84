import type { ByteReader } from './byte-reader.ts';

/** Reads a field section up to its empty line: flat list, as it came. */
export async function readFields(reader: ByteReader): Promise<string[]> {
  const fields: string[] = [];
  for (;;) {
    const line = await reader.line();
    if (line === '') return fields;
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`not a field line: ${JSON.stringify(line)}`);
    fields.push(line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ''));
  }
}

/** Chunks as they were framed, and the trailers. Every rule of RFC 9112 section 7.1 that a receiver can check is checked. */
export async function readChunked(
  reader: ByteReader,
  onChunk: (chunk: Buffer) => void,
): Promise<{ trailers: string[] }> {
  for (;;) {
    const line = await reader.line();
    if (!/^[0-9a-fA-F]+(;.*)?$/.test(line)) throw new Error(`not a chunk size: ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) return { trailers: await readFields(reader) };
    onChunk(await reader.exactly(size));
    const end = await reader.exactly(2);
    if (end.toString('latin1') !== '\r\n') throw new Error('a chunk does not end with CRLF');
  }
}

/** A body in chunked coding, one chunk per piece. */
export function chunked(pieces: readonly string[], trailers: readonly string[] = []): string {
  const chunks = pieces.map((piece) => `${Buffer.byteLength(piece, 'latin1').toString(16)}\r\n${piece}\r\n`);
  let tail = '0\r\n';
  for (let i = 0; i < trailers.length; i += 2) tail += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
  return `${chunks.join('')}${tail}\r\n`;
}

/** The body that sound chunks carry; latin1. */
export function readChunkedText(chunks: string): string {
  let body = '';
  for (let at = 0; ; ) {
    const size = Number.parseInt(chunks.slice(at), 16);
    if (size === 0) return body;
    at = chunks.indexOf('\r\n', at) + 2;
    body += chunks.slice(at, at + size);
    at += size + 2;
  }
}
