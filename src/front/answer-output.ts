import type { Socket } from 'node:net';
import { COPIED_BYTES } from '../model/exchange.ts';

/**
 * The bytes on their way to one client. What is written in one turn of the event loop, or while it is corked, leaves in
 * one system call: small pieces are put together as one latin1 string (bytes and characters are the same there, and no
 * buffer has to be made), large ones are handed on as they are. One for each connection, whatever it answers.
 */

/** Above this nothing is held back. */
const HOLD_BYTES = 32 * 1024;

const EMPTY = Buffer.alloc(0);

/** Told of how fast a client takes its answer. */
export interface OutputEvents {
  /** The client takes nothing for now. */
  blocked(): void;
  /** It has taken all. The socket's own `drain` is passed on by whoever listens to it. */
  drained(): void;
}

/** Writes to a client's socket. Strings are latin1, one character a byte. */
export class AnswerOutput {
  /** The client does not take what was written: wait until it is drained. */
  isBlocked = false;
  readonly #socket: Socket;
  readonly #events: OutputEvents;
  #text = '';
  #isCorked = false;
  #isAwaitingTick = false;

  constructor(socket: Socket, events: OutputEvents) {
    this.#socket = socket;
    this.#events = events;
  }

  /**
   * Takes a piece. False: the client takes no more for now, and a buffer of more than COPIED_BYTES is lent until it is
   * drained.
   */
  write(piece: string | Buffer): boolean {
    if (!this.#socket.writable) return true;
    if (typeof piece === 'string') this.#text += piece;
    else if (piece.length <= COPIED_BYTES) this.#text += piece.toString('latin1');
    else return this.#send(piece, '');
    return this.#hold();
  }

  /** The same for a chunk, with its framing (RFC 9112 section 7.1). */
  writeChunk(bytes: Buffer): boolean {
    if (!this.#socket.writable) return true;
    this.#text += `${bytes.length.toString(16)}\r\n`;
    if (bytes.length > COPIED_BYTES) return this.#send(bytes, '\r\n');
    this.#text += `${bytes.toString('latin1')}\r\n`;
    return this.#hold();
  }

  /** Holds small pieces back until `uncork`. */
  cork(): void {
    this.#isCorked = true;
  }

  uncork(): void {
    this.#isCorked = false;
    this.flush();
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#text !== '' && this.#socket.writable) this.#send(EMPTY, '');
  }

  /** Sends what there is. True: the kernel has all that was ever written. */
  flushAll(): boolean {
    this.flush();
    return this.#socket.writable && this.#socket.writableLength === 0 && this.#socket.errored === null;
  }

  /** Calls back when the kernel has all that was written, or with the error of a connection that fails before. */
  whenSent(done: (error?: Error | null) => void): void {
    this.flush();
    if (this.#socket.writable) this.#socket.write(EMPTY, done);
  }

  /** The socket has emptied its buffer. */
  drained(): void {
    this.isBlocked = false;
  }

  readonly #onTick = (): void => {
    this.#isAwaitingTick = false;
    if (!this.#isCorked) this.flush();
  };

  #hold(): boolean {
    if (this.#text.length > HOLD_BYTES) return this.#send(EMPTY, '');
    if (!this.#isCorked && !this.#isAwaitingTick) {
      this.#isAwaitingTick = true;
      process.nextTick(this.#onTick);
    }
    return !this.isBlocked;
  }

  #send(bytes: Buffer, tail: string): boolean {
    const text = this.#text;
    const socket = this.#socket;
    this.#text = '';
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
    if (socket.writableLength > 0) this.#block(bytes.length > 0);
    return !this.isBlocked;
  }

  #block(isLent: boolean): void {
    const { writableNeedDrain } = this.#socket;
    if (!writableNeedDrain && !isLent) return;
    // Less than a buffer's worth is left, of which the socket says no `drain`.
    if (!writableNeedDrain && !this.isBlocked) this.#socket.write(EMPTY, this.#onTaken);
    this.isBlocked = true;
    this.#events.blocked();
  }

  readonly #onTaken = (error?: Error | null): void => {
    if (error) return;
    if (this.#socket.writableLength > 0) this.#socket.write(EMPTY, this.#onTaken);
    else this.#events.drained();
  };
}
