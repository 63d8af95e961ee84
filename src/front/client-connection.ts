import type { Socket } from 'node:net';
import type { Peer } from '../model/request.ts';
import { AnswerOutput } from './answer-output.ts';
import { LINGER_MS, peerOf } from './client-socket.ts';
import type { Occupant } from './occupant.ts';
import { StallWatch } from './stall-watch.ts';

/**
 * One connection of a client, and whose turn it is on it. A client may send requests ahead (pipelining); they are
 * taken up one at a time, in order, each when the answer before it is complete: so a GET never overtakes a POST.
 *
 *   request ─▶ take(turn) ─▶ [queue, reading stops when it is long] ─▶ turn begins ─▶ finished(keep) ─▶ next turn
 *                                                                          └─ not kept ─▶ lingering close
 */

/** Begins when the connection is free; ends with `finished`. */
export type Turn = () => Occupant;

/** Requests sent ahead that are taken in before reading stops. */
const MAX_WAITING = 8;

/**
 * Reading stops between two reads of 64 KiB, not within one. Requests of ordinary size never are this many in one; who
 * sends more of them, each a few bytes that cost kilobytes once parsed, is cut (RFC 9112 section 9.3.2 allows it).
 */
const MOST_WAITING = 256;

/** A client's connection: serves one request at a time. */
export class ClientConnection {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly output: AnswerOutput;
  readonly #stall: StallWatch;
  #occupant: Occupant | null = null;
  #isBusy = false;
  #isClosing = false;
  #waiting: Turn[] = [];
  #idleAtBytes = 0;
  #linger: NodeJS.Timeout | null = null;

  /** `stallMs`: how long a client may take nothing of its answer; 0 for ever. */
  constructor(socket: Socket, stallMs: number) {
    this.socket = socket;
    this.peer = peerOf(socket);
    this.#stall = new StallWatch(socket, stallMs);
    this.output = new AnswerOutput(socket, { blocked: () => this.#stall.blocked(), drained: this.#onDrain });
    socket.on('drain', this.#onDrain).on('end', this.#onEnd);
    socket.on('resume', this.#onResume);
    // Errors are followed by 'close', which says all that matters here.
    socket.on('error', ignore);
    socket.on('close', () => this.#closed());
  }

  /** No further request is taken from it. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  get occupant(): Occupant | null {
    return this.#occupant;
  }

  /** Nothing is being answered, and nothing was received since. */
  get isIdle(): boolean {
    return !this.#isBusy && this.socket.bytesRead === this.#idleAtBytes;
  }

  /** Begins a turn now, or when those before it are finished. */
  take(turn: Turn): void {
    if (this.#isClosing) return;
    if (this.#isBusy) {
      if (this.#waiting.length === MOST_WAITING) {
        this.#refuseMore();
        return;
      }
      this.#waiting.push(turn);
      // Who sends ahead without end fills the kernel's buffer, not ours. Up to there it is seen to leave.
      if (this.#waiting.length === MAX_WAITING) {
        this.socket.pause();
        this.#stall.unread(true);
      }
      return;
    }
    this.#begin(turn);
  }

  #refuseMore(): void {
    this.#isClosing = true;
    this.#waiting = [];
    this.socket.destroy();
  }

  /** The occupant's turn is over. `keep`: the connection may serve another. */
  finished(keep: boolean): void {
    this.#occupant = null;
    this.#isBusy = false;
    this.#unblocked(); // a last piece that is less than a buffer empties it without a 'drain'
    if (!keep || this.#isClosing) {
      this.closeLingering();
      return;
    }
    this.#idleAtBytes = this.socket.bytesRead;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    if (this.#waiting.length === MAX_WAITING - 1) {
      this.socket.resume();
      this.#stall.unread(false);
    }
    this.#begin(next);
  }

  /** FIN now; what the client still sends is read and dropped for a short time. */
  closeLingering(): void {
    if (this.#linger !== null || this.socket.destroyed) return;
    this.#isClosing = true;
    this.#waiting = [];
    this.socket.end();
    if (this.socket.readableEnded) {
      this.socket.destroySoon();
      return;
    }
    this.#linger = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.resume();
  }

  /**
   * The parser let go of the socket. It may have stopped the handle for a body that nobody had read yet, and the stream
   * does not know: it would wait for ever for what is never read.
   */
  reclaim(): void {
    this.socket._read(0);
  }

  /** Lets go of the socket for a tunnel: only its closing is still heard. */
  release(): void {
    this.#occupant = null;
    this.#isClosing = true;
    this.#waiting = [];
    this.socket.off('drain', this.#onDrain).off('end', this.#onEnd).off('resume', this.#onResume);
    this.#stall.release();
  }

  get #isFull(): boolean {
    return this.#waiting.length >= MAX_WAITING;
  }

  /** node:http reads on after each message, whoever paused. Once its own listeners were told, that is taken back. */
  readonly #onResume = (): void => {
    if (this.#isFull) process.nextTick(this.#stayPaused);
  };

  readonly #stayPaused = (): void => {
    if (this.#isFull) this.socket.pause();
  };

  readonly #onDrain = (): void => {
    this.#unblocked();
    this.#occupant?.drained();
  };

  #unblocked(): void {
    this.output.drained();
    this.#stall.taken();
  }

  /** FIN. Whoever leaves does that, and who only closes its own half can't be told from it: it counts as gone. */
  readonly #onEnd = (): void => {
    this.#isClosing = true;
    this.#waiting = [];
    if (this.#occupant?.isAnswered) return;
    this.#occupant?.lost();
    this.socket.destroy();
  };

  #begin(turn: Turn): void {
    this.#isBusy = true;
    const occupant = turn();
    // A turn may be finished before its beginning returns.
    if (this.#isBusy && this.#occupant === null && !this.#isClosing) this.#occupant = occupant;
  }

  #closed(): void {
    this.#isClosing = true;
    this.#waiting = [];
    if (this.#linger !== null) clearTimeout(this.#linger);
    const occupant = this.#occupant;
    this.#occupant = null;
    occupant?.lost();
  }
}

function ignore(): void {}
