import type { Socket } from 'node:net';

/**
 * What is read next: a `head`; more of a `body`, all that came being used; or `nothing` that is wanted yet, while what
 * came last may still be in use.
 */
export type Expected = 'head' | 'body' | 'nothing';

/** Where a connection's bytes come from. */
export interface ByteReader {
  /** To write to, to close, and to hear that it was closed. */
  readonly socket: Socket;
  /**
   * Takes what was read, and says what comes next. Bytes in a buffer that connections share are its own until it returns;
   * others stay what they are as long as it expects nothing.
   */
  onBytes: (bytes: Buffer, isShared: boolean) => Expected;
  /** Copies what came in a shared buffer to where it may stay. Nothing that was copied before may be in use any more. */
  copyOf(bytes: Buffer): Buffer;
  /** Nothing is under way: it keeps no buffer that can be had again. */
  letGo(): void;
  /** The socket becomes an ordinary stream for someone else: what it reads comes as `data` events. */
  handOver(): void;
}
