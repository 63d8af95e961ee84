import type { Socket } from 'node:net';

/** Where a connection's bytes come from. */
export interface ByteReader {
  /** To write to, to close, and to hear that it was closed. */
  readonly socket: Socket;
  /** Takes what was read; the bytes are its own only until it returns. */
  onBytes: (bytes: Buffer) => void;
  /** The socket becomes an ordinary stream for someone else: what it reads comes as `data` events. */
  handOver(): void;
}
