/** The first line of an answer. */
export interface StatusLine {
  readonly minorVersion: 0 | 1;
  readonly status: number;
  /** '' if there is none. */
  readonly reason: string;
}

/** The space before an absent reason phrase is required of senders; no reading is in doubt without it. */
const STATUS_LINE = /^HTTP\/1\.([0-9]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

const OK: StatusLine = { minorVersion: 1, status: 200, reason: 'OK' };

/** Reads a status line (RFC 9112 section 4), latin1, without its CRLF; null if it is malformed. */
export function readStatusLine(line: string): StatusLine | null {
  // Nearly all of them.
  if (line === 'HTTP/1.1 200 OK') return OK;
  const parts = STATUS_LINE.exec(line);
  if (parts === null) return null;
  return { minorVersion: parts[1] === '0' ? 0 : 1, status: Number(parts[2]), reason: parts[3] ?? '' };
}
