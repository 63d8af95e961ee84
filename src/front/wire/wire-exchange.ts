import type { Socket } from 'node:net';
import type { BodyReceiver, ClientExchange, RequestBody } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import { firstValue, type HeaderList } from '../../model/header-list.ts';
import { keepsConnection } from '../../model/message-framing.ts';
import type { Peer, RequestHead, RequestTraits } from '../../model/request.ts';
import type { Admitted } from '../admit.ts';
import type { AnswerOutput } from '../answer-output.ts';
import type { Occupant } from '../occupant.ts';
import { type AnswerTerms, SocketAnswer } from '../socket-answer.ts';

/**
 * One request of the wire front: the exchange, its body, and what its answer needs to know, in one object, since one is
 * made for every request. Bytes come from its connection, which asks whether they are wanted:
 *
 *   connection ── wantsBody? ─▶ takeChunk … takeEnd ─▶ receiver
 *              ◀── bodyWanted (read, resume, discard)     finished (the answer is out, the body is read off) ──▶ next
 */

/** What an exchange needs of its connection. */
export interface ExchangeHost {
  readonly socket: Socket;
  readonly output: AnswerOutput;
  readonly peer: Peer;
  readonly isDraining: boolean;
  /** The body is wanted from now on. */
  bodyWanted(): void;
  /** Request and answer are over. `keep`: the connection may serve another. */
  finished(keep: boolean): void;
  /** Lets go of the socket for a tunnel, and gives what came after the head. */
  release(): Buffer;
  newRequestId(): string;
  /** A callback of the handler threw. */
  report(error: unknown): void;
}

/** A request as it was admitted, for {@link WireExchange}. */
export interface WireRequest {
  readonly admitted: Admitted;
  /** Value of Upgrade, if the connection can be handed over. */
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly startedAt: number;
}

/** An unread rest of a body up to this is read off, so that the connection can be kept. */
const DISCARD_BYTES = 256 * 1024;

/** A request being answered. */
export class WireExchange implements ClientExchange, RequestBody, Occupant, AnswerTerms {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly startedAt: number;
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly length: number | null;
  readonly answer: SocketAnswer;
  onClientGone: (() => void) | null = null;
  /** The answer is out, and what is left of the body is read and dropped. */
  isDiscarding = false;
  readonly #host: ExchangeHost;
  #receiver: BodyReceiver | null = null;
  #isRead = false;
  #isPaused = false;
  #isComplete: boolean;
  #failure: Failure | null = null;
  #discarded = 0;

  constructor(host: ExchangeHost, { admitted, upgrade, expectsContinue, startedAt }: WireRequest) {
    this.#host = host;
    this.head = admitted.head;
    this.traits = admitted.traits;
    this.length = admitted.bodyLength;
    this.startedAt = startedAt;
    this.upgrade = upgrade;
    this.expectsContinue = expectsContinue;
    this.#isComplete = admitted.bodyLength === 0;
    this.answer = new SocketAnswer(this);
  }

  get peer(): Peer {
    return this.#host.peer;
  }

  get body(): RequestBody {
    return this;
  }

  // The body, for the handler.

  read(receiver: BodyReceiver): void {
    if (this.#isRead) throw new Error('a body is read once');
    this.#isRead = true;
    if (this.#failure !== null) receiver.fail(this.#failure);
    else if (this.#isComplete) receiver.end([]);
    else if (!this.answer.isEnded) {
      this.#receiver = receiver;
      this.#host.bodyWanted();
    }
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.wantsBody) this.#host.bodyWanted();
  }

  // The body, for the connection.

  /** Whether bytes of the body are to be read now. */
  get wantsBody(): boolean {
    if (this.#isComplete || this.#failure !== null) return false;
    return this.isDiscarding || (this.#receiver !== null && !this.#isPaused && !this.answer.isEnded);
  }

  /** Its receiver wants no more of it for now. */
  get isBodyPaused(): boolean {
    return this.#isPaused && this.#receiver !== null;
  }

  takeChunk(bytes: Buffer): void {
    if (this.isDiscarding) {
      this.#discarded += bytes.length;
      if (this.#discarded > DISCARD_BYTES) this.#host.finished(false);
      return;
    }
    try {
      this.#receiver?.chunk(bytes);
    } catch (error) {
      this.fault(error);
    }
  }

  takeEnd(trailers: HeaderList): void {
    this.#isComplete = true;
    const receiver = this.#receiver;
    this.#receiver = null;
    if (this.isDiscarding) {
      this.#host.finished(true);
      return;
    }
    try {
      receiver?.end(trailers);
    } catch (error) {
      this.fault(error);
    }
  }

  /** No more of the body will come. */
  failBody(failure: Failure): void {
    if (this.#isComplete) return;
    this.#failure ??= failure;
    const receiver = this.#receiver;
    this.#receiver = null;
    if (this.isDiscarding) {
      this.#host.finished(false);
      return;
    }
    try {
      receiver?.fail(failure);
    } catch (error) {
      this.fault(error);
    }
  }

  // The connection's occupant.

  get isAnswered(): boolean {
    return this.answer.isEnded;
  }

  /** The client is gone: tells the receiver of the body, then the handler, once each. */
  lost(): void {
    if (!this.answer.isEnded) {
      this.failBody('client_closed');
      const gone = this.onClientGone;
      this.onClientGone = null;
      if (gone !== null) this.call(gone);
    }
    this.answer.lost();
  }

  drained(): void {
    this.answer.drained();
  }

  /** A fault of ours: 500 if nothing was sent yet, else the answer is cut. */
  fault(error: unknown): void {
    this.#host.report(error);
    if (this.answer.isWaiting) this.answer.fail('internal', this.#host.newRequestId());
    else if (!this.answer.isEnded) this.answer.cut();
  }

  // The answer's terms.

  get socket(): Socket {
    return this.#host.socket;
  }

  get output(): AnswerOutput {
    return this.#host.output;
  }

  get method(): string {
    return this.head.method;
  }

  get minorVersion(): 0 | 1 {
    return this.head.minorVersion;
  }

  get accept(): string | undefined {
    return firstValue(this.head.headers, 'accept');
  }

  /** RFC 9110 section 7.8: what follows an offer that nobody took is HTTP/1.1, so the next request is read as ever. */
  isPersistent(): boolean {
    return !this.#host.isDraining && keepsConnection(this.head) && this.#isReadable();
  }

  written(keeps: boolean): void {
    this.#receiver = null;
    if (!keeps || this.#failure !== null) this.#host.finished(false);
    else if (this.#isComplete) this.#host.finished(true);
    else {
      this.isDiscarding = true;
      this.#host.bodyWanted();
    }
  }

  release(): Buffer {
    return this.#host.release();
  }

  call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.fault(error);
    }
  }

  /** Whether what is left of the body can be read off, so that the next request is found. */
  #isReadable(): boolean {
    if (this.#failure !== null) return false;
    if (this.#isComplete) return true;
    // RFC 9110 section 10.1.1: without a 100 the client may send its body, or not; nobody can tell what comes next.
    if (this.expectsContinue && !this.answer.continued) return false;
    return this.#isRead || this.length === null || this.length <= DISCARD_BYTES;
  }
}
