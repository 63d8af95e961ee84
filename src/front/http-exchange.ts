import type { ClientExchange, FrontLogger } from '../model/exchange.ts';
import { firstValue } from '../model/header-list.ts';
import type { Peer, RequestHead, RequestTraits } from '../model/request.ts';
import type { Admitted } from './admit.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Occupant } from './occupant.ts';
import type { FrontBody } from './request-body.ts';
import { SocketAnswer } from './socket-answer.ts';

/**
 * One request and its answer over HTTP/1: ties a body and an answer to the connection that carries both, and decides
 * whether that connection may go on afterwards.
 */

/** What an exchange is made of. */
export interface ExchangeParts {
  readonly admitted: Admitted;
  readonly connection: ClientConnection;
  /** Value of Upgrade, if the connection can be handed over. */
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  /** Made for this exchange: it calls back through `call`. */
  body(call: (callback: () => void) => void): FrontBody;
  /** The client and the front's state allow another request after this one. Asked when the answer's head is written. */
  mayPersist(): boolean;
  /** Hands over what came after the head of an upgrade, and stops reading. */
  takeEarly(): Buffer;
  /** The connection is kept, and its request and answer are both complete. */
  settled(): void;
  readonly newRequestId: () => string;
  readonly logger: FrontLogger;
}

/** An unread rest of a body up to this is read off, so that the connection can be kept. */
const DISCARD = { bytes: 256 * 1024, ms: 1000 };

/** A request being answered over a socket. */
export class HttpExchange implements ClientExchange, Occupant {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  readonly startedAt: number;
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly body: FrontBody;
  readonly answer: SocketAnswer;
  onClientGone: (() => void) | null = null;
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    const { admitted, connection } = parts;
    this.#parts = parts;
    this.head = admitted.head;
    this.traits = admitted.traits;
    this.peer = connection.peer;
    this.startedAt = performance.now();
    this.upgrade = parts.upgrade;
    this.expectsContinue = parts.expectsContinue;
    this.body = parts.body(this.call);
    this.answer = new SocketAnswer({
      socket: connection.socket,
      output: connection.output,
      method: this.head.method,
      minorVersion: this.head.minorVersion,
      accept: firstValue(this.head.headers, 'accept'),
      isPersistent: () => parts.mayPersist() && this.#isReadable(),
      written: (keeps) => this.#written(keeps),
      release: () => this.#release(),
      call: this.call,
    });
  }

  get isAnswered(): boolean {
    return this.answer.isEnded;
  }

  /** The client is gone: tells the receiver of the body, then the handler, once each. */
  lost(): void {
    if (this.answer.isEnded) {
      this.answer.lost();
      return;
    }
    this.body.fail('client_closed');
    const gone = this.onClientGone;
    this.onClientGone = null;
    if (gone !== null) this.call(gone);
    this.answer.lost();
  }

  drained(): void {
    this.answer.drained();
  }

  /** Calls into the handler's code. What it throws ends this exchange, and nothing else. */
  readonly call = (callback: () => void): void => {
    try {
      callback();
    } catch (error) {
      this.fault(error);
    }
  };

  /** A fault of ours: 500 if nothing was sent yet, else the answer is cut. */
  fault(error: unknown): void {
    this.#parts.logger.error({ err: error }, 'an exchange failed');
    if (this.answer.isWaiting) this.answer.fail('internal', this.#parts.newRequestId());
    else if (!this.answer.isEnded) this.answer.cut();
  }

  /** Whether what is left of the body can be read off, so that the next request is found. */
  #isReadable(): boolean {
    const { body } = this;
    if (body.isBroken) return false;
    if (body.isComplete) return true;
    // RFC 9110 section 10.1.1: without a 100 the client may send its body, or not; nobody can tell what comes next.
    if (this.expectsContinue && !this.answer.continued) return false;
    return body.isRead || body.length === null || body.length <= DISCARD.bytes;
  }

  #written(keeps: boolean): void {
    const { connection, settled } = this.#parts;
    if (!keeps) {
      connection.finished(false);
      this.body.discard({ bytes: Number.POSITIVE_INFINITY, ms: DISCARD.ms }, () => {});
      return;
    }
    this.body.discard(DISCARD, (isClean) => {
      if (isClean) settled();
      connection.finished(isClean);
    });
  }

  #release(): Buffer {
    this.#parts.connection.release();
    return this.#parts.takeEarly();
  }
}
