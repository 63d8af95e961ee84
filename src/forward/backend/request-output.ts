import type { Socket } from 'node:net';
import { COPIED_BYTES } from '../../model/exchange.ts';

/**
 * The bytes on their way to one backend. A head and small pieces of a body are put together as one latin1 string, which
 * leaves at the end of the turn; a large piece is handed to the kernel at once, together with what waits before it, from
 * where it was read: an upload is neither copied nor kept in new memory, piece after piece.
 */

/** Above this nothing is held back. */
const HOLD_BYTES = 32 * 1024;

const EMPTY = Buffer.alloc(0);

/** Writes to a backend's socket. Strings are latin1, one character a byte. */
export class RequestOutput {
  private text = '';
  private isAwaitingTick = false;
  private isBlocked = false;
  private readonly socket: Socket;
  private readonly onTaken: () => void;

  /** @param onTaken The kernel has what blocked it, and the socket says no `drain`. */
  constructor(socket: Socket, onTaken: () => void) {
    this.socket = socket;
    this.onTaken = onTaken;
  }

  /**
   * Takes a piece. False: the backend takes no more for now, and a buffer of more than COPIED_BYTES is lent until it is
   * drained; else it is the caller's again.
   */
  write(piece: string | Buffer): boolean {
    if (typeof piece === 'string') this.text += piece;
    else if (piece.length <= COPIED_BYTES) this.text += piece.toString('latin1');
    else return this.send(piece, '');
    return this.hold();
  }

  /** The same for a chunk, with its framing (RFC 9112 section 7.1). */
  writeChunk(bytes: Buffer): boolean {
    this.text += `${bytes.length.toString(16)}\r\n`;
    if (bytes.length > COPIED_BYTES) return this.send(bytes, '\r\n');
    this.text += `${bytes.toString('latin1')}\r\n`;
    return this.hold();
  }

  /** The socket has emptied its buffer. */
  drained(): void {
    this.isBlocked = false;
  }

  private hold(): boolean {
    if (this.text.length > HOLD_BYTES) return this.send(EMPTY, '');
    if (!this.isAwaitingTick) {
      this.isAwaitingTick = true;
      process.nextTick(this.flush);
    }
    return !this.isBlocked;
  }

  private readonly flush = (): void => {
    this.isAwaitingTick = false;
    if (this.text !== '') this.send(EMPTY, '');
  };

  private send(bytes: Buffer, tail: string): boolean {
    const { text, socket } = this;
    this.text = '';
    if (!socket.writable) return true;
    if (bytes.length === 0) socket.write(text, 'latin1');
    else if (text === '' && tail === '') socket.write(bytes);
    else {
      socket.cork();
      if (text !== '') socket.write(text, 'latin1');
      socket.write(bytes);
      if (tail !== '') socket.write(tail, 'latin1');
      socket.uncork();
    }
    // `write` says false for any large piece; what the kernel took at once blocks nobody.
    if (socket.writableLength > 0) this.block(bytes.length > 0);
    return !this.isBlocked;
  }

  private block(isLent: boolean): void {
    const { writableNeedDrain } = this.socket;
    if (!writableNeedDrain && !isLent) return;
    // Less than a buffer's worth is left, of which the socket says no `drain`.
    if (!writableNeedDrain && !this.isBlocked) this.socket.write(EMPTY, this.taken);
    this.isBlocked = true;
  }

  private readonly taken = (error?: Error | null): void => {
    if (error) return;
    if (this.socket.writableLength > 0) this.socket.write(EMPTY, this.taken);
    else this.onTaken();
  };
}
