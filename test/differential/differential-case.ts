/** One thing to send to both fronts, as plain data: it can be printed, shrunk, and sent again. Strings are latin1. */
export interface DifferentialCase {
  /** Raw bytes of what are requests, or were before they were broken. Sent back to back on one connection. */
  readonly requests: readonly string[];
  /** Offsets in all of these bytes where the sender lets a turn of its event loop pass. */
  readonly cuts: readonly number[];
  readonly ending: Ending;
  /** What the backend does with the first request that it gets, the second, and so on; then it says 200. */
  readonly answers: readonly BackendAnswer[];
}

/**
 * How the client ends: `last`: a plain request with `Connection: close` behind all others shows whether the connection
 * still works; `wait`: nothing more is sent, and whether it stays open is looked at; `fin`, `reset`: it leaves at once.
 */
export type Ending = 'last' | 'wait' | 'fin' | 'reset';

/** What a backend does with one request. */
export interface BackendAnswer {
  /** For people. */
  readonly name: string;
  /** Before it has read the body, or after. */
  readonly when: 'head' | 'body';
  /** Written one after the other, with some milliseconds between them. */
  readonly pieces: readonly string[];
  readonly after: 'keep' | 'end' | 'reset' | 'tunnel';
}

/** What stands behind all others with the ending `last`. */
export const LAST = 'GET /last HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';

/** All bytes that the client sends. */
export function bytesOf({ requests, ending }: DifferentialCase): string {
  return requests.join('') + (ending === 'last' ? LAST : '');
}

/** The same, in the pieces in which they are sent. */
export function piecesOf(one: DifferentialCase): string[] {
  const bytes = bytesOf(one);
  const cuts = [...new Set(one.cuts)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.slice(from, cuts[index] ?? bytes.length));
}
