import { Socket, type SocketConstructorOpts } from 'node:net';
import type { ByteReader } from '../byte-reader.ts';

/** Bytes of the buffer that all connections are read into, so the most that one read brings. */
export const READ_BYTES = 64 * 1024;

/**
 * Reads a client's connection into a buffer that all share: no 64 KiB slab, queue and tick for each read, which were a
 * tenth of what relaying a small request cost. `net.createServer` has no `onread`, as `net.connect` has, so the accepted
 * handle is given to a socket that was made with it; it must not have been read from (`pauseOnConnect`).
 */
export class ClientReader implements ByteReader {
  readonly socket: Socket;
  onBytes: (bytes: Buffer) => void = () => {};
  #isStream = false;

  constructor(accepted: Socket, shared: Buffer) {
    const callback = (size: number, bytes: Uint8Array): boolean =>
      this.#take((bytes as Buffer).subarray(0, size));
    const options = {
      handle: takeHandle(accepted),
      allowHalfOpen: true,
      onread: { buffer: shared, callback },
    };
    this.socket = new Socket(options as SocketConstructorOpts);
    // What is left of it is only a number among the server's connections.
    accepted.destroy();
  }

  handOver(): void {
    this.#isStream = true;
  }

  #take(bytes: Buffer): boolean {
    if (this.#isStream) return this.socket.push(Buffer.from(bytes));
    this.onBytes(bytes);
    return true;
  }
}

function takeHandle(socket: Socket): object | null {
  const owner = socket as unknown as { _handle: object | null };
  const handle = owner._handle;
  owner._handle = null;
  return handle;
}
