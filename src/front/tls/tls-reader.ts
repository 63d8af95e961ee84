import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ByteReader, Expected } from '../byte-reader.ts';

/** Reads a client's connection through TLS. What it gives was made for it, and is nobody else's. */
export class TlsReader implements ByteReader {
  readonly socket: Socket;
  onBytes: (bytes: Buffer, isShared: boolean) => Expected = () => 'head';
  readonly #onData = (bytes: Buffer): void => void this.onBytes(bytes, false);

  /** `raw`: the socket beneath. */
  constructor(socket: TLSSocket, raw: Socket) {
    this.socket = socket;
    // Until now a FIN was the end of all. What it means from here on is for the connection to say.
    socket.allowHalfOpen = true;
    // A TLS socket cannot be reset by itself: it is the connection beneath that is.
    socket.resetAndDestroy = () => {
      raw.resetAndDestroy();
      return socket;
    };
    socket.on('data', this.#onData);
  }

  copyOf(bytes: Buffer): Buffer {
    return bytes;
  }

  letGo(): void {}

  handOver(): void {
    this.socket.off('data', this.#onData);
  }
}
