import type { Failure } from '../model/failure.ts';

/** What node:http says when it can't read on: llhttp's codes, its own, or the socket's. */
export interface ReadError extends Error {
  readonly code?: string;
  /** The bytes it stumbled over, if it kept them. */
  readonly rawPacket?: Buffer;
}

/** What is known of a request that could not be read: null where nothing is. */
export interface RequestLine {
  readonly method: string | null;
  readonly target: string | null;
}

/** Codes that mean that the client went away, not that it sent something wrong. */
const GONE = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'HPE_INVALID_EOF_STATE', 'ECONNABORTED']);

/** What is known of the connection that could not be read on. */
export interface ReadContext {
  /** Nothing came before the bytes it stumbled over: they begin with the request line. */
  readonly isFirst: boolean;
  readonly maxUrlBytes: number;
}

/** The failure that stands for an error of node:http; null: the client is gone. */
export function readFailure(error: ReadError, { isFirst, maxUrlBytes }: ReadContext): Failure | null {
  const code = error.code ?? '';
  if (GONE.has(code)) return null;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
  if (code === 'HPE_HEADER_OVERFLOW')
    return isFirst && lineLength(error) > maxUrlBytes ? 'url_too_long' : 'header_too_large';
  if (code === 'HPE_PAUSED_H2_UPGRADE') return 'bad_version';
  if (code === 'HPE_INVALID_VERSION' && namesVersion(error)) return 'bad_version';
  return 'malformed_request';
}

/** The request line of what was being read, as far as it can be told. */
export function requestLine(error: ReadError, isFirst: boolean): RequestLine {
  const line = isFirst ? firstLine(error) : '';
  const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+)/.exec(line);
  return { method: match?.[1] ?? null, target: match?.[2] ?? null };
}

/** Of the request line, as far as it came. */
function lineLength({ rawPacket }: ReadError): number {
  const end = rawPacket?.indexOf(10) ?? 0;
  return end < 0 ? (rawPacket?.length ?? 0) : end;
}

/** A version that is well-formed, but not ours: 505 rather than 400 (docs/failures.md). */
function namesVersion(error: ReadError): boolean {
  return /^\S+ \S+ HTTP\/(?!1\.[01])\d\.\d\r?$/.test(firstLine(error));
}

function firstLine(error: ReadError): string {
  // Empty lines before it are skipped by the parser.
  const text = error.rawPacket?.toString('latin1', 0, 4096).replace(/^[\r\n]+/, '') ?? '';
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
