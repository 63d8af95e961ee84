/** One case as plain data: it can be printed, shrunk and played again. Strings are latin1. */
export interface FuzzCase {
  /** Raw bytes of requests, or of what were requests before they were broken. Sent back to back on one connection. */
  readonly requests: readonly string[];
  /** How they were broken; by name. */
  readonly ways: readonly string[];
  /** Offsets where the sender lets a turn of its event loop pass. */
  readonly cuts: readonly number[];
  /** `last`: a plain request that ends the connection comes behind; `fin`, `reset`: the client leaves at once. */
  readonly ending: 'last' | 'fin' | 'reset';
  /** What the backend does with the first request that it gets, the second …; then it says 200. */
  readonly replies: readonly FuzzReply[];
}

/** What a backend does with a request. */
export interface FuzzReply {
  /** For people: what it is, and how it was broken. */
  readonly name: string;
  /** Written one after the other, a turn of the event loop apart. {@link TAG} stands for the exchange's own mark. */
  readonly pieces: readonly string[];
  /** Before it has read the body, or after. */
  readonly when: 'head' | 'body';
  readonly after: After;
}

/**
 * What follows: `keep`, the next request; `late`, bytes that nobody asked for, a moment later; `silence`, nothing, ever;
 * `tunnel`, all that comes is sent back.
 */
export type After = 'keep' | 'end' | 'reset' | 'late' | 'silence' | 'tunnel';

/** Ten characters, as is what replaces them: lengths stay right. */
export const TAG = '@TAG@TAG@@';

/** The mark of an exchange. */
export function tagOf(serial: number): string {
  return `#${String(serial).padStart(9, '0')}`;
}

/** Behind all others where the ending is `last`. */
export const LAST = 'GET /last HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n';

/** All bytes that the client sends. */
export function bytesOf({ requests, ending }: FuzzCase): string {
  return requests.join('') + (ending === 'last' ? LAST : '');
}

/** The same in the pieces in which they are sent. */
export function piecesOf(one: FuzzCase): string[] {
  const bytes = bytesOf(one);
  const cuts = [...new Set(one.cuts)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.slice(from, cuts[index] ?? bytes.length));
}
