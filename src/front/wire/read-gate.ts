import type { Socket } from 'node:net';
import type { HeldBytes } from '../../model/held-bytes.ts';

/**
 * Whether a client's socket is read. Bytes that nobody wants yet are held up to a limit, beyond which the socket is not
 * read: then a client is not seen to leave. So of one that waits long a little more is read each time it is looked at, up
 * to the last figure. While all clients and bodies together hold too much, nobody's bytes are read ahead; nor is a body
 * that its receiver has paused, since what waits in the kernel need not be copied.
 */
const HELD_BYTES = 16 * 1024;
const MORE_BYTES = 64 * 1024;
const MOST_HELD_BYTES = 256 * 1024;

const NOTHING = Buffer.alloc(0);

/** The gate of one connection. */
export class ReadGate {
  readonly #socket: Socket;
  readonly #all: HeldBytes | null;
  #mayHold = HELD_BYTES;
  #held = 0;
  #isShut = false;
  #isBodyPaused = false;

  /** @param all What everyone holds; null: not counted. */
  constructor(socket: Socket, all: HeldBytes | null) {
    this.#socket = socket;
    this.#all = all;
  }

  /**
   * So much is unread, and is wanted or not; `isBodyPaused`: its receiver has had some, and wants no more for now. False:
   * it grew beyond what all may hold together.
   */
  set(unread: number, isWanted: boolean, isBodyPaused: boolean): boolean {
    this.#isBodyPaused = isBodyPaused;
    const grew = unread - this.#held;
    if (grew !== 0) this.#count(grew);
    const isOver = this.#all?.isFull === true;
    if (isWanted) this.#mayHold = HELD_BYTES;
    const isShut = !isWanted && this.#isTooMuch(unread, isOver);
    if (isShut !== this.#isShut) this.#turn(isShut);
    return grew <= 0 || !isOver;
  }

  /** Called now and then while it is shut: looks whether the client has left, for which a little more may be read. */
  probe(): void {
    if (!this.#isShut) return;
    // A reset fails also the writing of nothing.
    if (this.#socket.writableLength === 0) this.#socket.write(NOTHING);
    this.#mayHold = Math.min(this.#mayHold + MORE_BYTES, MOST_HELD_BYTES);
    this.set(this.#held, false, this.#isBodyPaused);
  }

  #isTooMuch(unread: number, isOver: boolean): boolean {
    if (this.#isBodyPaused) return unread >= (isOver ? 0 : this.#mayHold - HELD_BYTES);
    return unread > (isOver ? 0 : this.#mayHold);
  }

  /** Nothing is held any more. */
  letGo(): void {
    if (this.#held !== 0) this.#count(-this.#held);
  }

  #count(grew: number): void {
    this.#held += grew;
    if (grew > 0) this.#all?.hold(grew);
    else this.#all?.giveBack(-grew);
  }

  #turn(isShut: boolean): void {
    this.#isShut = isShut;
    if (isShut) this.#socket.pause();
    else this.#socket.resume();
  }
}
