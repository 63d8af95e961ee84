/**
 * What RFC 9112 says a message is, read as its grammar stands and with none of the router's code: the judge of what
 * went in and what came out. Strings are latin1, a character a byte. Where the RFC lets a reader be lenient (a bare LF as a
 * line's end), this one is not, since the router promises not to be.
 */

/** Name and value as they were, blanks around the value cut. */
export type Field = readonly [name: string, value: string];

/** A proxy must be more lenient with answers in a few places. */
export type Kind = 'request' | 'answer';

/** What cannot be read as a message. */
export class Malformed extends Error {}

/** More bytes would be needed. */
export class Unfinished extends Error {}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const FIELD = new RegExp(`^(${TOKEN}):[ \\t]*(.*?)[ \\t]*$`);
const CHUNK = new RegExp(
  `^([0-9A-Fa-f]{1,16})((?:[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))?)*)$`,
);
/** Of an answer: whatever stands behind the semicolon is to be ignored (section 7.1.1), and cannot hide a line's end. */
const ANSWER_CHUNK = /^([0-9A-Fa-f]{1,16})(?:[ \t]*;.*)?$/;
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Where a head ends, its empty line included. @throws Unfinished */
export function headEnd(bytes: string, from: number): number {
  const end = bytes.indexOf('\r\n\r\n', from);
  if (end === -1) throw new Unfinished();
  return end + 4;
}

/** First line and fields of a head. @throws Malformed */
export function readHeadLines(
  head: string,
  kind: Kind = 'request',
): { readonly first: string; readonly fields: Field[] } {
  const lines = head.slice(0, -4).split('\r\n');
  for (const line of lines) if (CONTROL.test(line)) throw new Malformed('a control character');
  const [first = '', ...rest] = lines;
  // RFC 9112 section 5.1: a proxy must refuse it in a request, and must remove it from an answer.
  const own = kind === 'request' ? rest : rest.map((line) => line.replace(/^([^:\s]+)[ \t]+:/, '$1:'));
  return { first, fields: own.map(readField) };
}

function readField(line: string): Field {
  const match = FIELD.exec(line);
  if (match === null) throw new Malformed(`no field: ${JSON.stringify(line.slice(0, 60))}`);
  return [match[1] as string, match[2] as string];
}

/** All values of a field. */
export function valuesOf(fields: readonly Field[], lowerName: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
}

/** How a body is framed by its fields: bytes, chunks, or not at all. @throws Malformed */
export function framingOf(fields: readonly Field[], minor: number): number | 'chunked' | null {
  const codings = valuesOf(fields, 'transfer-encoding');
  const lengths = valuesOf(fields, 'content-length');
  if (codings.length > 0) {
    if (lengths.length > 0) throw new Malformed('a length and a coding');
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') throw new Malformed('another coding');
    if (minor === 0) throw new Malformed('a coding in HTTP/1.0');
    return 'chunked';
  }
  if (lengths.length === 0) return null;
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^[0-9]+$/.test(length)) throw new Malformed('no length');
  if (!Number.isSafeInteger(Number(length))) throw new Malformed('too large a length');
  return Number(length);
}

/** A body as far as it was read. */
export interface ReadBody {
  body: string;
  trailers: Field[];
  /** Of the message. */
  end: number;
}

/** Reads so many bytes into `into`. @throws Unfinished */
export function readLength(bytes: string, from: number, length: number, into: ReadBody): void {
  into.body = bytes.slice(from, from + length);
  into.end = from + into.body.length;
  if (into.body.length < length) throw new Unfinished();
}

/** Reads chunks and trailers into `into`. @throws Malformed, Unfinished; then `into` has what came before */
export function readChunks(bytes: string, from: number, into: ReadBody, kind: Kind = 'request'): void {
  for (let at = from; ; ) {
    const size = chunkSize(bytes, at, kind);
    at = size.end;
    if (size.bytes === 0) {
      const end = trailersEnd(bytes, at);
      into.trailers = readHeadLines(`\r\n${bytes.slice(at, end)}`, kind).fields;
      into.end = end;
      return;
    }
    const data = bytes.slice(at, at + size.bytes);
    into.body += data;
    into.end = at + data.length;
    if (data.length < size.bytes) throw new Unfinished();
    at += size.bytes;
    const close = bytes.slice(at, at + 2);
    if (close !== '\r\n'.slice(0, close.length)) throw new Malformed('a chunk without its end');
    if (close.length < 2) throw new Unfinished();
    at += 2;
  }
}

function chunkSize(
  bytes: string,
  from: number,
  kind: Kind,
): { readonly bytes: number; readonly end: number } {
  const end = bytes.indexOf('\r\n', from);
  const line = bytes.slice(from, end === -1 ? bytes.length : end);
  if (CONTROL.test(line.replace(/\r$/, ''))) throw new Malformed('a control character in a chunk line');
  if (end === -1) throw new Unfinished();
  const match = (kind === 'request' ? CHUNK : ANSWER_CHUNK).exec(line);
  if (match === null) throw new Malformed(`no chunk size: ${JSON.stringify(line.slice(0, 60))}`);
  const size = Number.parseInt(match[1] as string, 16);
  if (!Number.isSafeInteger(size)) throw new Malformed('too large a chunk');
  return { bytes: size, end: end + 2 };
}

/** Behind the empty line that ends trailers, or stands for none. */
function trailersEnd(bytes: string, at: number): number {
  if (bytes.startsWith('\r\n', at)) return at + 2;
  return headEnd(bytes, at);
}
