import type { Socket } from 'node:net';
import type { Peer } from '../../model/request.ts';
import { LINGER_MS } from '../client-socket.ts';
import type { Held } from '../held.ts';
import { readHello } from './client-hello.ts';

/**
 * A connection to the TLS port from its first byte to the end of the handshake. The hello is looked at before OpenSSL
 * gets it: for the host that is asked for, and since who speaks plain HTTP here is told so in HTTP, as no alert could.
 *
 *   accepted ─first byte─┬▶ hello … whole ─▶ secured ─▶ someone else's
 *                        ├▶ plain HTTP ─▶ answered ─▶ lingering close
 *                        └▶ anything else ─▶ closed
 */

/** Whom a handshake tells what became of it. */
export interface HandshakeTold {
  /** A hello that asks for this host is there: TLS begins, with it unread. */
  hello(handshake: Handshake, serverName: string | null): void;
  /** It is not one, and never will be. Called once, and never after `secured`. */
  failed(handshake: Handshake): void;
  /** The connection is gone, before it was `secured`. */
  closed(handshake: Handshake): void;
  /** What someone is told who speaks plain HTTP. */
  plainAnswer(): string;
}

/** What a record of a handshake begins with (RFC 8446 section 5.1). */
const HANDSHAKE_RECORD = 0x16;

/** One handshake. */
export class Handshake implements Held {
  readonly socket: Socket;
  readonly peer: Peer;
  deadline: number;
  readonly #told: HandshakeTold;
  #received: Buffer = Buffer.alloc(0);
  #isOver = false;

  /** `deadline`: when all of it has to be done, by `performance.now()`. */
  constructor(
    socket: Socket,
    how: { readonly peer: Peer; readonly deadline: number; readonly told: HandshakeTold },
  ) {
    this.socket = socket;
    this.peer = how.peer;
    this.deadline = how.deadline;
    this.#told = how.told;
    socket.on('error', ignore).on('data', this.#onData).once('close', this.#onClose);
  }

  /** Nothing was asked yet. */
  get isIdle(): boolean {
    return true;
  }

  get isSpare(): boolean {
    return true;
  }

  /** It succeeded: the connection belongs to someone else. */
  secured(): void {
    this.#isOver = true;
    this.socket.off('close', this.#onClose);
  }

  expire(): void {
    this.socket.destroy();
  }

  probe(): void {}

  closeLingering(): void {
    this.socket.destroy();
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#received = Buffer.concat([this.#received, bytes]);
    if (this.#received[0] === HANDSHAKE_RECORD) this.#readHello();
    else if (isText(this.#received)) this.#answerPlain();
    else this.socket.destroy();
  };

  #readHello(): void {
    const read = readHello(this.#received);
    if (read === 'more') return;
    const { socket } = this;
    socket.off('data', this.#onData).pause();
    socket.unshift(this.#received);
    this.#told.hello(this, read.serverName);
  }

  #answerPlain(): void {
    this.#fail();
    this.socket.off('data', this.#onData);
    this.deadline = performance.now() + LINGER_MS;
    this.socket.end(this.#told.plainAnswer(), 'latin1');
    this.socket.resume();
  }

  readonly #onClose = (): void => {
    // Whoever connects and says nothing has failed at nothing: a port that is probed.
    if (this.#received.length > 0) this.#fail();
    this.#told.closed(this);
  };

  #fail(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#told.failed(this);
  }
}

/** A method's first letter, or an empty line before it. */
function isText(bytes: Buffer): boolean {
  return /^[\r\nA-Za-z]/.test(bytes.toString('latin1', 0, 1));
}

function ignore(): void {}
