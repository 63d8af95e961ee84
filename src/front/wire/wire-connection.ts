import type { Socket } from 'node:net';
import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { Peer } from '../../model/request.ts';
import { admit, type RawHead } from '../admit.ts';
import { AnswerOutput } from '../answer-output.ts';
import type { ByteReader, Expected } from '../byte-reader.ts';
import { LINGER_MS } from '../client-socket.ts';
import { DISCARD_MS, inTime, NEVER } from '../deadlines.ts';
import type { Held } from '../held.ts';
import { isSlow } from '../is-slow.ts';
import type { Occupant } from '../occupant.ts';
import { Refusal } from '../refusal.ts';
import { StallWatch } from '../stall-watch.ts';
import { tunnelOffer } from '../upgrade-offer.ts';
import { waitsForContinue } from '../waits-for-continue.ts';
import { ReadGate } from './read-gate.ts';
import { RequestParser, type Step } from './request-parser.ts';
import { type ExchangeHost, WireExchange } from './wire-exchange.ts';

/**
 * One connection of a client: its bytes are read into one exchange at a time. What is sent ahead stays in the parser;
 * when that is much, the socket is not read until it is wanted.
 *
 *   idle ─▶ head ─▶ exchange ─▶ (rest of the body) ─▶ idle …            tunnel: the socket is someone else's
 *             └──── refusal ───────────┴─ not kept ─▶ lingering close
 *
 * There is one deadline, whose meaning follows from the state, and no timer: the front looks at all of them.
 */

/** What all connections of a front share. */
export interface WireContext {
  readonly options: FrontOptions;
  readonly isDraining: boolean;
  closed(connection: WireConnection): void;
}

/** A client's connection to the wire front. */
export class WireConnection implements ExchangeHost, Held {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly output: AnswerOutput;
  /** `performance.now()` at which `expire` is due. */
  deadline: number;
  readonly #reader: ByteReader;
  readonly #context: WireContext;
  readonly #parser: RequestParser;
  /** What is being answered. */
  #occupant: Occupant | null = null;
  /** The same, if it is a request that was admitted. */
  #exchange: WireExchange | null = null;
  /** When the head being read began; 0: none. */
  #headSince = 0;
  #isAdvancing = false;
  #isClosing = false;
  #isLingering = false;
  readonly #gate: ReadGate;
  readonly #stall: StallWatch;

  constructor(reader: ByteReader, peer: Peer, context: WireContext) {
    const { socket } = reader;
    this.socket = socket;
    this.#reader = reader;
    this.#context = context;
    this.peer = peer;
    const { limits, heldBytes = null } = context.options;
    this.#gate = new ReadGate(socket, heldBytes);
    this.#stall = new StallWatch(socket, limits.bodyTimeoutMs);
    this.output = new AnswerOutput(socket, { blocked: () => this.#stall.blocked(), drained: this.#onDrain });
    this.#parser = new RequestParser(limits);
    // A connection that says nothing at all has the time of a head.
    this.deadline = inTime(limits.headerTimeoutMs || limits.keepAliveMs);
    reader.onBytes = this.#onBytes;
    socket.on('end', this.#onEnd).on('drain', this.#onDrain).on('error', ignore).on('close', this.#onClose);
  }

  get isDraining(): boolean {
    return this.#context.isDraining;
  }

  /** Nothing is being answered, and nothing was received since. */
  get isIdle(): boolean {
    return this.isSpare && !this.#parser.hasBegun;
  }

  /** No request is under way: at most a head. */
  get isSpare(): boolean {
    return this.#occupant === null && !this.#isClosing;
  }

  isSlow(now: number): boolean {
    const { socket } = this;
    return this.#exchange !== null && isSlow({ exchange: this.#exchange, stall: this.#stall, socket, now });
  }

  /** The deadline has passed, or another client needs the place. */
  expire(failure: Failure = 'request_timeout'): void {
    this.deadline = NEVER;
    const exchange = this.#exchange;
    if (this.#isLingering) this.socket.destroy();
    else if (exchange !== null) {
      // Its receiver may have paused since: then nobody waits for the client.
      if (exchange.wantsBody) exchange.failBody('request_timeout');
    } else if (this.#parser.hasBegun) this.#refuse(failure, this.#parser.partialHead);
    else this.closeLingering();
  }

  /** Called now and then: looks whether a client that is not read has left. */
  probe(): void {
    if (!this.isIdle) {
      if (!this.#isClosing) this.#gate.probe();
      return;
    }
    this.#parser.forget();
    this.#reader.letGo();
  }

  /** FIN now; what the client still sends is read and dropped for a short time. */
  closeLingering(): void {
    this.#isClosing = true;
    if (this.#isLingering || this.socket.destroyed) return;
    this.#isLingering = true;
    this.#parser.takeUnread();
    this.#gate.letGo();
    this.socket.end();
    this.deadline = performance.now() + LINGER_MS;
    if (this.socket.readableEnded) this.socket.destroySoon();
    else this.socket.resume();
  }

  // For the exchange.

  bodyWanted(): void {
    const { bodyTimeoutMs } = this.#context.options.limits;
    this.deadline = inTime(this.#exchange?.isDiscarding ? DISCARD_MS : bodyTimeoutMs);
    this.#advance();
  }

  finished(keep: boolean): void {
    this.#occupant = null;
    this.#exchange = null;
    this.#unblocked(); // a last piece that is less than a buffer empties it without a 'drain'
    if (!keep || this.#isClosing) {
      this.closeLingering();
      return;
    }
    this.deadline = inTime(this.#context.options.limits.keepAliveMs);
    if (this.#parser.unread > 0) this.#advance();
  }

  release(): Buffer {
    this.#occupant = null;
    this.#exchange = null;
    this.#isClosing = true;
    this.deadline = NEVER;
    this.#stall.release();
    this.socket.off('end', this.#onEnd).off('drain', this.#onDrain).pause();
    this.#reader.handOver();
    this.#parser.own();
    this.#gate.letGo();
    return this.#parser.takeUnread();
  }

  newRequestId(): string {
    return this.#context.options.newRequestId();
  }

  report(error: unknown): void {
    this.#context.options.logger.error({ err: error }, 'an exchange failed');
  }

  // The socket's events.

  /** The bytes are lent: heads are read out of them, of bodies they are copied if they are not used at once. */
  readonly #onBytes = (bytes: Buffer, isShared: boolean): Expected => {
    if (this.#isClosing) return 'head';
    this.#parser.give(isShared && this.#exchange !== null ? this.#copyOfBody(bytes) : bytes);
    this.#advance();
    if (isShared || this.#expected() !== 'nothing') this.#parser.own();
    return this.#expected();
  };

  /** When more is wanted nothing of the body is in use any more, but for what is not read yet. */
  #copyOfBody(bytes: Buffer): Buffer {
    if (this.#expected() !== 'body' || this.#parser.unread > 0) return Buffer.from(bytes);
    return this.#reader.copyOf(bytes);
  }

  #expected(): Expected {
    if (this.#exchange === null) return 'head';
    return this.#exchange.wantsBody ? 'body' : 'nothing';
  }

  /** FIN. Whoever leaves does that, and who only closes its own half can't be told from it: it counts as gone. */
  readonly #onEnd = (): void => {
    this.#isClosing = true;
    if (this.#isLingering) this.socket.destroySoon();
    else if (this.#exchange?.isDiscarding) this.finished(false);
    else if (!this.#occupant?.isAnswered) {
      this.#occupant?.lost();
      this.socket.destroy();
    }
    // Else the last bytes of the answer are on their way: `finished` follows.
  };

  readonly #onClose = (): void => {
    this.#isClosing = true;
    this.deadline = NEVER;
    const occupant = this.#occupant;
    this.#occupant = null;
    this.#exchange = null;
    this.#parser.takeUnread();
    this.#gate.letGo();
    occupant?.lost();
    this.#context.closed(this);
  };

  readonly #onDrain = (): void => {
    this.#unblocked();
    this.#occupant?.drained();
  };

  #unblocked(): void {
    this.output.drained();
    this.#stall.taken();
  }

  // Reading.

  /** Reads on as far as what is there is wanted. */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#mayRead()) {
      const step = this.#parser.next();
      if (step === 'more') break;
      this.#take(step);
    }
    this.#isAdvancing = false;
    if (this.#isClosing) return;
    if (this.#occupant === null) this.#watchHead();
    else if (!this.#mayRead()) this.deadline = NEVER;
    // A head that came whole was never held: only who sends it in pieces meets this limit.
    const fits = this.#gate.set(this.#parser.unread, this.#mayRead(), this.#exchange?.isBodyPaused === true);
    if (!fits && this.#occupant === null) this.#refuse('over_capacity', this.#parser.partialHead);
  }

  #mayRead(): boolean {
    return !this.#isClosing && (this.#occupant === null || this.#exchange?.wantsBody === true);
  }

  #take(step: Exclude<Step, 'more'>): void {
    const exchange = this.#exchange;
    if (exchange === null) {
      if (step === 'head') this.#begin(this.#parser.takeHead());
      else this.#refuse(this.#parser.failure, this.#parser.partialHead);
    } else if (step === 'chunk') {
      if (!exchange.isDiscarding) this.deadline = inTime(this.#context.options.limits.bodyTimeoutMs);
      exchange.takeChunk(this.#parser.chunk);
    } else if (step === 'end') exchange.takeEnd(this.#parser.trailers);
    else exchange.failBody(this.#parser.failure);
  }

  /** The time for a head runs from its first byte. */
  #watchHead(): void {
    if (this.#headSince !== 0 || !this.#parser.hasBegun) return;
    this.#headSince = performance.now();
    this.deadline = inTime(this.#context.options.limits.headerTimeoutMs);
  }

  #begin(raw: RawHead): void {
    const { limits, handler } = this.#context.options;
    const admission = admit(raw, limits);
    if ('failure' in admission) {
      this.#refuse(admission.failure, raw);
      return;
    }
    const startedAt = this.#headSince || performance.now();
    this.#headSince = 0;
    if (admission.bodyLength !== 0) this.#parser.own(this.#reader);
    this.#parser.beginBody(admission.bodyLength);
    const upgrade = tunnelOffer(admission.head, admission.bodyLength);
    const expectsContinue = waitsForContinue(admission);
    const exchange = new WireExchange(this, { admitted: admission, upgrade, expectsContinue, startedAt });
    this.#exchange = exchange;
    this.#occupant = exchange;
    try {
      handler(exchange);
    } catch (error) {
      exchange.fault(error);
    }
  }

  #refuse(failure: Failure, request: RawHead | null): void {
    const { options } = this.#context;
    this.#occupant = new Refusal({ connection: this, failure, request, since: this.#headSince, options });
  }
}

function ignore(): void {}
