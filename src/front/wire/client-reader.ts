import { Socket, type SocketConstructorOpts } from 'node:net';
import { COPIED_BYTES } from '../../model/exchange.ts';
import type { ByteReader, Expected } from '../byte-reader.ts';

/** Bytes of the buffer that all connections are read into, so the most that one read brings. */
export const READ_BYTES = 64 * 1024;

/**
 * Reads a client's connection into a buffer that all share: no 64 KiB slab, queue and tick for each read, which were a
 * tenth of what relaying a small request cost. A body that comes in large pieces is read into a buffer of its own, again
 * and again the same, since a piece may be lent to a backend's socket until that has sent it. `net.createServer` has no
 * `onread`, as `net.connect` has, so the accepted handle is given to a socket that was made with it; it must not have been
 * read from (`pauseOnConnect`).
 */
export class ClientReader implements ByteReader {
  readonly socket: Socket;
  onBytes: (bytes: Buffer, isShared: boolean) => Expected = () => 'head';
  #isStream = false;
  #expected: Expected = 'head';
  /** Kept from body to body of this client, and let go when it idles. */
  #own: Buffer | null = null;
  readonly #shared: Buffer;

  constructor(accepted: Socket, shared: Buffer) {
    this.#shared = shared;
    const onread = {
      buffer: () => this.#nextBuffer(),
      callback: (size: number, buffer: Uint8Array) => this.#take(size, buffer as Buffer),
    };
    const options = { handle: takeHandle(accepted), allowHalfOpen: true, onread };
    this.socket = new Socket(options as SocketConstructorOpts);
    // What is left of it is only a number among the server's connections.
    accepted.destroy();
  }

  /** A large piece is copied to its own buffer. */
  copyOf(bytes: Buffer): Buffer {
    if (bytes.length <= COPIED_BYTES) return Buffer.from(bytes);
    this.#own ??= Buffer.allocUnsafeSlow(READ_BYTES);
    return this.#own.subarray(0, bytes.copy(this.#own));
  }

  letGo(): void {
    this.#own = null;
  }

  handOver(): void {
    this.#isStream = true;
  }

  #take(size: number, buffer: Buffer): boolean {
    const bytes = buffer.subarray(0, size);
    if (this.#isStream) return this.socket.push(Buffer.from(bytes));
    this.#expected = this.onBytes(bytes, buffer === this.#shared);
    return true;
  }

  /** Asked for at once when bytes were taken. Heads are never read into it, since the socket holds on to what it gets. */
  #nextBuffer(): Buffer {
    return this.#expected === 'body' && this.#own !== null ? this.#own : this.#shared;
  }
}

function takeHandle(socket: Socket): object | null {
  const owner = socket as unknown as { _handle: object | null };
  const handle = owner._handle;
  owner._handle = null;
  return handle;
}
