import type { OnReadOpts, Socket } from 'node:net';
import { COPIED_BYTES } from '../../model/exchange.ts';

/**
 * Where a backend's bytes are read into. A socket that is told a buffer (`onread`) passes by node's Readable: no 64 KiB
 * slab and no queue for each read, which were a tenth of what relaying a small answer cost.
 *
 * Small answers of all connections come through one buffer: whoever is told of such bytes has copied what it keeps when
 * it returns. Larger pieces may be lent to the client's socket until that has sent them, so a connection that brings
 * some gets a buffer of its own, and is not read on while its bytes are lent (see AnswerSink.chunk).
 */

/** Bytes of the largest buffers, so the most that one read brings. */
export const INTAKE_BYTES = 64 * 1024;
/** Enough for most answers that are not small. */
const MEDIUM_BYTES = 16 * 1024;

/** The reading end of one connection. */
export class Intake {
  /** Takes what was read; it may use pieces of up to COPIED_BYTES until it returns only. False: no more for now. */
  private takeBytes: (bytes: Buffer) => boolean = () => true;
  private readonly shared: Buffer;
  private own: Buffer | null = null;
  /** The most that one read brought since the connection was idle. */
  private most = 0;

  /** @param shared One for all connections of a thread: the kernel writes into it right before its bytes are taken. */
  constructor(shared: Buffer) {
    this.shared = shared;
  }

  /** For `net.connect`. */
  get onread(): OnReadOpts {
    return {
      buffer: () => this.own ?? this.shared,
      callback: (size, buffer) => this.took(size, buffer as Buffer),
    };
  }

  /** From here on all bytes go there. */
  readInto(takeBytes: (bytes: Buffer) => boolean): void {
    this.takeBytes = takeBytes;
  }

  /** TLS decrypts into buffers of its own, which come as a stream. */
  readStream(socket: Socket): void {
    socket.on('data', this.onData);
  }

  /** The socket becomes an ordinary stream: what it reads comes as `data` events. */
  handOver(socket: Socket): void {
    socket.off('data', this.onData);
    this.takeBytes = (bytes) => socket.push(Buffer.from(bytes));
  }

  /**
   * The connection is idle. It keeps its own buffer if it had use for it, and nothing of it is lent any more. To be
   * called while bytes are being taken.
   */
  idle(isLent: boolean): void {
    if (isLent || this.most <= COPIED_BYTES) this.own = null;
    this.most = 0;
  }

  /** What is being taken may be lent for longer: it is not read into again. */
  letGo(): void {
    this.own = null;
  }

  private readonly onData = (bytes: Buffer): void => {
    this.takeBytes(bytes);
  };

  private took(size: number, buffer: Buffer): boolean {
    if (size > this.most) this.most = size;
    const isOwn = buffer === this.own;
    if (isOwn || size <= COPIED_BYTES) {
      // Filled to the end: larger pieces from now on. Set here, since `idle` may say otherwise while they are taken.
      if (isOwn && size === buffer.length && size < INTAKE_BYTES)
        this.own = Buffer.allocUnsafeSlow(INTAKE_BYTES);
      return this.takeBytes(buffer.subarray(0, size));
    }
    this.own = Buffer.allocUnsafeSlow(size > MEDIUM_BYTES ? INTAKE_BYTES : MEDIUM_BYTES);
    const bytes = this.own.subarray(0, size);
    buffer.copy(bytes, 0, 0, size);
    return this.takeBytes(bytes);
  }
}
