import type { BodyReceiver, ClientExchange, FrontOptions, RequestBody } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { HeaderList } from '../../model/header-list.ts';
import type { ErrorName } from '../../model/http2/http2-words.ts';
import type { Peer, RequestHead, RequestTraits } from '../../model/request.ts';
import type { Admitted } from '../admit.ts';
import { inTime, NEVER } from '../deadlines.ts';
import { LEAST_BYTES_PER_S, MOST_MS_PER_PIECE, PATIENCE_MS } from '../is-slow.ts';
import { waitsForContinue } from '../waits-for-continue.ts';
import { isGrpc } from './grpc-problem.ts';
import { HeldBody } from './held-body.ts';
import { Http2Answer } from './http2-answer.ts';
import { CALL_PATIENCE, STREAM_WINDOW } from './http2-limits.ts';
import { ReceiveWindow } from './receive-window.ts';
import type { SendSide } from './send-side.ts';

/**
 * One stream: a request and its answer. Its body comes whether it is wanted or not, as far as the window that the client
 * was given: what nobody wants yet waits here, and the window is opened again when it was taken.
 */

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly peer: Peer;
  readonly options: FrontOptions;
  /** Ends the stream with RST_STREAM, at once, and lets go of it. */
  cutStream(exchange: Http2Exchange, name: ErrorName): void;
  /** Bytes of its body were taken, or will never be: so many more may come, on the stream too if `increment` is not 0. */
  taken(exchange: Http2Exchange, bytes: number, increment: number): void;
}

/** A request as it was admitted. */
export interface StreamRequest {
  readonly admitted: Admitted;
  /** The client's side ended with the head. A body of 0 bytes may still have an end to come. */
  readonly isEnded: boolean;
  readonly side: SendSide;
}

/** A request being answered. */
export class Http2Exchange implements ClientExchange, RequestBody {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly startedAt: number;
  readonly upgrade = null;
  readonly expectsContinue: boolean;
  readonly length: number | null;
  readonly side: SendSide;
  readonly answer: Http2Answer;
  onClientGone: (() => void) | null = null;
  /** The client's side has ended. */
  isRequestEnded: boolean;
  /** The request broke RFC 9113: the stream ends with this error, whatever was answered. */
  brokenBy: ErrorName | null = null;
  readonly #host: StreamHost;
  /** Of gRPC. */
  readonly #isCall: boolean;
  readonly #window = new ReceiveWindow(STREAM_WINDOW);
  readonly #held: HeldBody;
  #receiver: BodyReceiver | null = null;
  #isRead = false;
  #isPaused = false;
  #isTelling = false;
  #received = 0;
  /** What comes after the body's bytes. */
  #trailers: HeaderList | null = null;
  #failure: Failure | null = null;
  #bodyDeadline = NEVER;

  constructor(host: StreamHost, { admitted, isEnded, side }: StreamRequest) {
    this.#host = host;
    this.#held = new HeldBody(host.options.heldBytes);
    this.head = admitted.head;
    this.traits = admitted.traits;
    this.length = admitted.bodyLength;
    this.startedAt = performance.now();
    this.side = side;
    this.#isCall = isGrpc(admitted.head.headers);
    this.isRequestEnded = isEnded;
    if (admitted.bodyLength === 0) this.#trailers = [];
    this.expectsContinue = waitsForContinue(admitted);
    this.answer = new Http2Answer({
      side,
      method: admitted.head.method,
      headers: admitted.head.headers,
      cutStream: () => this.#cut(),
      call: (callback) => this.call(callback),
    });
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
    this.#receiver = receiver;
    this.#tell();
  }

  pause(): void {
    this.#isPaused = true;
    this.#bodyDeadline = NEVER;
  }

  resume(): void {
    this.#isPaused = false;
    this.#tell();
  }

  // The body, for the connection.

  /** A piece came. Not taken: what is wrong with it; or nobody will want it. `counted`: with its padding. */
  takeData(bytes: Buffer, counted: number): 'taken' | 'dropped' | ErrorName {
    if (this.isRequestEnded) return 'STREAM_CLOSED';
    if (!this.#window.came(counted)) return 'FLOW_CONTROL_ERROR';
    this.#received += bytes.length;
    if (this.length !== null && this.#received > this.length) return 'PROTOCOL_ERROR';
    if (this.#failure !== null) return 'dropped';
    if (this.#held.isEmpty && !this.#isTelling && this.#wantsMore()) this.#deliver(bytes, counted);
    else if (!this.#hold(bytes, counted)) return 'dropped';
    return 'taken';
  }

  /** The client's side is over. False: it is shorter than Content-Length says. */
  takeEnd(trailers: HeaderList): boolean {
    this.isRequestEnded = true;
    if (this.length !== null && this.#received < this.length) return false;
    this.#trailers = trailers;
    this.#tell();
    return true;
  }

  /** No more of the body will come. */
  failBody(failure: Failure): void {
    if (this.#failure !== null || (this.#trailers !== null && this.#held.isEmpty && this.#isRead)) return;
    this.#failure = failure;
    this.#bodyDeadline = NEVER;
    this.#dropHeld();
    this.#tellFailure();
  }

  // The stream, for the connection.

  /** The deadlines of this stream. */
  expire(now: number): void {
    const { bodyTimeoutMs } = this.#host.options.limits;
    if (this.#bodyDeadline <= now) this.#expireBody();
    else if (bodyTimeoutMs > 0 && this.side.isWaiting && this.side.movedAt + bodyTimeoutMs <= now)
      this.#giveUp();
  }

  #expireBody(): void {
    this.#bodyDeadline = NEVER;
    // A call that is under way may be silent for hours, from both ends.
    if (!this.#isCall || this.answer.isWaiting) this.failBody('request_timeout');
  }

  /** It is the client that keeps it from ending: its body hardly comes, or it hardly takes its answer. */
  isSlow(now: number): boolean {
    if (this.side.isWaiting && now - this.side.waitingSince > MOST_MS_PER_PIECE) return true;
    const tookMs = now - this.startedAt;
    const isWaitedFor = !this.#isCall && this.#bodyDeadline !== NEVER && tookMs > PATIENCE_MS;
    return isWaitedFor && this.#received < (tookMs / 1000) * LEAST_BYTES_PER_S;
  }

  /** The stream is gone: tells the receiver of the body, then the handler, once each. */
  lost(): void {
    this.side.stop();
    if (!this.answer.isEnded) {
      this.failBody('client_closed');
      const gone = this.onClientGone;
      this.onClientGone = null;
      if (gone !== null) this.call(gone);
    }
    this.closed();
  }

  /** The answer is with the kernel, or nobody will have it. */
  closed(): void {
    this.#receiver = null;
    this.#bodyDeadline = NEVER;
    this.#dropHeld();
    this.answer.over();
  }

  /** The client's windows stay closed: it has left, for all that can be known. */
  #giveUp(): void {
    this.#host.cutStream(this, 'CANCEL');
    this.lost();
  }

  #cut(): void {
    this.#host.cutStream(this, 'INTERNAL_ERROR');
    this.#receiver = null;
    this.#bodyDeadline = NEVER;
    this.#dropHeld();
  }

  /** A fault of ours: 500 if nothing was sent yet, else the answer is cut. */
  fault(error: unknown): void {
    const { options } = this.#host;
    options.logger.error({ err: error }, 'an exchange failed');
    if (this.answer.isWaiting) this.answer.fail('internal', options.newRequestId());
    else if (!this.answer.isEnded) this.answer.cut();
  }

  call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.fault(error);
    }
  }

  /** Hands on what is there, as far as it is wanted. */
  #tell(): void {
    if (this.#isTelling || this.#receiver === null) return;
    this.#isTelling = true;
    this.call(() => this.#tellAll());
    this.#isTelling = false;
    this.#watch();
  }

  /** The client has time for its body only while somebody waits for it. */
  #watch(): void {
    const waits = this.#receiver !== null && !this.#isPaused && !this.answer.isEnded;
    const patience = this.#isCall ? CALL_PATIENCE : 1;
    this.#bodyDeadline = waits ? inTime(this.#host.options.limits.bodyTimeoutMs * patience) : NEVER;
  }

  #tellAll(): void {
    if (this.#failure !== null) this.#tellFailure();
    while (this.#wantsMore()) {
      const piece = this.#held.shift();
      if (piece === undefined) break;
      this.#give(piece.bytes, piece.counted);
    }
    if (!this.#wantsMore() || !this.#held.isEmpty || this.#trailers === null) return;
    const receiver = this.#receiver;
    this.#receiver = null;
    receiver?.end(this.#trailers);
  }

  /** Keeps a piece until it is wanted. False: all clients and bodies together hold too much already. */
  #hold(bytes: Buffer, counted: number): boolean {
    const isHeld = this.#held.push(bytes, counted);
    if (!isHeld) this.failBody('over_capacity');
    return isHeld;
  }

  #deliver(bytes: Buffer, counted: number): void {
    this.#isTelling = true;
    this.call(() => this.#give(bytes, counted));
    this.#isTelling = false;
    this.#watch();
  }

  /** Padding counts, and an empty piece is none to anybody. */
  #give(bytes: Buffer, counted: number): void {
    if (bytes.length > 0) this.#receiver?.chunk(bytes);
    if (counted > 0) this.#host.taken(this, counted, this.#window.took(counted));
  }

  #wantsMore(): boolean {
    return this.#receiver !== null && !this.#isPaused && this.#failure === null && !this.answer.isEnded;
  }

  #tellFailure(): void {
    const receiver = this.#receiver;
    const failure = this.#failure as Failure;
    this.#receiver = null;
    if (receiver !== null) this.call(() => receiver.fail(failure));
  }

  /** What nobody takes any more still has to be given back to the connection's window. */
  #dropHeld(): void {
    const counted = this.#held.drop();
    if (counted > 0) this.#host.taken(this, counted, 0);
  }
}
