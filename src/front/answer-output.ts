import type { Socket } from 'node:net';

/**
 * The bytes on their way to one client. What is written in one turn of the event loop leaves in one system call: small
 * pieces are put together, large ones are handed on as they are. One for each connection, whatever it answers.
 */

/** Up to this, copying pieces together is cheaper than telling the kernel of each. */
const JOIN_BYTES = 16 * 1024;
/** Above this nothing is held back to the end of the turn. */
const HOLD_BYTES = 32 * 1024;

const EMPTY = Buffer.alloc(0);

/** Writes to a client's socket. Strings are latin1, one character a byte. */
export class AnswerOutput {
  /** The client does not take what was written: wait for the socket's `drain`. */
  isBlocked = false;
  readonly #socket: Socket;
  readonly #onBlocked: () => void;
  #pieces: (string | Buffer)[] = [];
  #bytes = 0;
  #isAwaitingTick = false;

  /** `onBlocked`: the client takes nothing for now. */
  constructor(socket: Socket, onBlocked: () => void) {
    this.#socket = socket;
    this.#onBlocked = onBlocked;
  }

  /** Takes a piece. False: the client takes no more for now. */
  write(piece: string | Buffer): boolean {
    if (!this.#socket.writable) return true;
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > HOLD_BYTES) {
      this.#send(undefined);
    } else if (!this.#isAwaitingTick) {
      this.#isAwaitingTick = true;
      process.nextTick(this.#onTick);
    }
    return !this.isBlocked;
  }

  /** Sends what there is; `done` is called when the kernel has all of it, and never if the connection fails before. */
  flush(done?: (error?: Error | null) => void): void {
    if (!this.#socket.writable) return;
    if (done !== undefined || this.#pieces.length > 0) this.#send(done);
  }

  /** The socket has emptied its buffer. */
  drained(): void {
    this.isBlocked = false;
  }

  readonly #onTick = (): void => {
    this.#isAwaitingTick = false;
    if (this.#pieces.length > 0 && this.#socket.writable) this.#send(undefined);
  };

  #send(done: ((error?: Error | null) => void) | undefined): void {
    const pieces = this.#pieces;
    const bytes = this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    const socket = this.#socket;
    if (pieces.length === 0) socket.write(EMPTY, done);
    else if (pieces.length === 1) writePiece(socket, pieces[0] as string | Buffer, done);
    else if (bytes <= JOIN_BYTES) socket.write(joined(pieces, bytes), done);
    else {
      socket.cork();
      const last = pieces.pop() as string | Buffer;
      for (const piece of pieces) writePiece(socket, piece, undefined);
      writePiece(socket, last, done);
      socket.uncork();
    }
    // `write` says false for any large piece; what the kernel took at once blocks nobody.
    if (socket.writableLength === 0 || (done === undefined && !socket.writableNeedDrain)) return;
    this.isBlocked = true;
    this.#onBlocked();
  }
}

function writePiece(socket: Socket, piece: string | Buffer, done?: (error?: Error | null) => void): void {
  if (typeof piece === 'string') socket.write(piece, 'latin1', done);
  else socket.write(piece, done);
}

function joined(pieces: readonly (string | Buffer)[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'string') at += whole.write(piece, at, 'latin1');
    else at += piece.copy(whole, at);
  }
  return whole;
}
