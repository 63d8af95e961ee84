import type { Socket } from 'node:net';
import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import { firstValue } from '../../model/header-list.ts';
import { goawayFrame, settingsFrame, windowUpdateFrame } from '../../model/http2/frame-writer.ts';
import {
  errorCode,
  FIRST_WINDOW,
  MOST_31_BITS,
  SETTING,
  SessionError,
} from '../../model/http2/http2-words.ts';
import type { Peer } from '../../model/request.ts';
import { LINGER_MS } from '../client-socket.ts';
import { NEVER } from '../deadlines.ts';
import type { Held } from '../held.ts';
import { MOST_MS_PER_PIECE } from '../is-slow.ts';
import type { Seen } from '../refusal.ts';
import { ClientFrames } from './client-frames.ts';
import { failureOf } from './connection-fault.ts';
import { ConnectionSending } from './connection-sending.ts';
import { CONNECTION_WINDOW, MAX_STREAMS, STREAM_WINDOW } from './http2-limits.ts';
import { Http2Streams } from './http2-streams.ts';
import type { Answered } from './streams-link.ts';

/**
 * A client's connection of HTTP/2 (RFC 9113): its streams, each an exchange, and what they share.
 *
 *   socket ─▶ ClientFrames ─▶ Http2Streams ─┬ head ─▶ RequestBlock ─▶ admit ─▶ Http2Exchange ─▶ handler
 *                                            └ data ─▶ Http2Exchange ─▶ receiver of its body
 *   socket ◀─ ConnectionSending ◀─ SendSide ◀─ Http2Answer
 *
 * What is wrong with one stream ends that stream; what could be read in two ways by both ends of the connection (frames,
 * header tables, windows) ends the connection, as does too much of anything.
 */

/** What all connections share. */
export interface Http2Context {
  readonly options: FrontOptions;
  closed(connection: Http2Connection): void;
}

/** One connection. */
export class Http2Connection implements Held {
  readonly socket: Socket;
  readonly peer: Peer;
  /** Time limits are looked at by itself. */
  readonly deadline = NEVER;
  /** Its drain is GOAWAY. */
  readonly isIdle = false;
  readonly #context: Http2Context;
  readonly #frames: ClientFrames;
  readonly #sending: ConnectionSending;
  readonly #streams: Http2Streams;
  /** The last GOAWAY is out. */
  #isEnding = false;
  #isClosing = false;
  #lingersUntil = NEVER;

  constructor(socket: Socket, peer: Peer, context: Http2Context) {
    this.socket = socket;
    this.peer = peer;
    this.#context = context;
    const { options } = context;
    const { limits } = options;
    this.#sending = new ConnectionSending(socket, limits.bodyTimeoutMs, {
      dataSent: () => this.#frames.dataSent(),
      sideEnded: (side) => this.#streams.sideEnded(side),
    });
    this.#streams = new Http2Streams({
      options,
      peer,
      sending: this.#sending,
      chatter: () => this.#frames.chatter(),
      reject: (failure, seen, answered) => this.#reject(failure, seen, answered),
      emptied: () => {
        if (this.#isEnding) this.closeLingering();
      },
    });
    this.#frames = new ClientFrames(this.#streams, limits);
    socket.on('data', this.#onBytes).on('end', this.#onEnd).on('drain', this.#sending.drained);
    socket.on('error', ignore).on('close', this.#onClose);
    const { maxHeaderBytes, maxHeaders } = limits;
    this.#write(
      settingsFrame([
        [SETTING.maxConcurrentStreams, MAX_STREAMS],
        [SETTING.initialWindowSize, STREAM_WINDOW],
        // As section 6.5.2 counts: 32 bytes a field, which the limit of ours does not.
        [SETTING.maxHeaderListSize, maxHeaderBytes + 32 * maxHeaders],
      ]),
    );
    this.#write(windowUpdateFrame(0, CONNECTION_WINDOW - FIRST_WINDOW));
  }

  /** No request is under way. */
  get isSpare(): boolean {
    return !this.#isClosing && this.#streams.isEmpty;
  }

  isSlow(now: number): boolean {
    return this.#sending.blockedMs(now) > MOST_MS_PER_PIECE || this.#streams.isSlow(now);
  }

  /** Another client needs the place. */
  expire(failure: Failure = 'request_timeout'): void {
    if (this.#frames.hasBegun && this.#frames.waitingSince > 0)
      this.#break(errorCode('ENHANCE_YOUR_CALM'), failure);
    else this.#sayGoodbye();
  }

  probe(): void {}

  /** Looks at the time limits. */
  lookAtTime(now: number): void {
    if (this.#lingersUntil <= now) this.socket.destroy();
    if (this.#isClosing) return;
    const { headerTimeoutMs, keepAliveMs } = this.#context.options.limits;
    const { waitingSince } = this.#frames;
    const { isEmpty, idleSince } = this.#streams;
    if (waitingSince > 0 && headerTimeoutMs > 0 && waitingSince + headerTimeoutMs <= now) this.#expireHead();
    else if (isEmpty && keepAliveMs > 0 && idleSince + keepAliveMs <= now) this.#sayGoodbye();
    else this.#streams.expire(now);
  }

  /** Says that nothing new is wanted. What is on its way, since the client does not know yet, is still served. */
  beginDrain(): void {
    if (!this.#isClosing) this.#write(goawayFrame(errorCode('NO_ERROR'), MOST_31_BITS));
  }

  /** From here on nothing new is served; the connection ends with its last stream. */
  endDrain(): void {
    if (!this.#isClosing) this.#sayGoodbye();
  }

  readonly #onBytes = (bytes: Buffer): void => {
    if (this.#isClosing) return;
    try {
      this.#frames.feed(bytes);
      this.#streams.handleFresh();
    } catch (error) {
      if (!(error instanceof SessionError))
        this.#context.options.logger.error({ err: error }, 'a connection failed');
      const code = error instanceof SessionError ? error.code : errorCode('INTERNAL_ERROR');
      this.#break(code, failureOf(error));
    }
  };

  /** FIN: as over HTTP/1.1, it counts as gone; answers that were whole may still leave. */
  readonly #onEnd = (): void => {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#streams.loseAll();
      this.#sending.output.flush();
    }
    this.socket.destroySoon();
  };

  readonly #onClose = (): void => {
    this.#isClosing = true;
    this.#lingersUntil = NEVER;
    this.#streams.loseAll();
    this.#context.closed(this);
  };

  #expireHead(): void {
    // Who never said anything asked for nothing.
    if (this.#frames.hasBegun) this.#break(errorCode('ENHANCE_YOUR_CALM'), 'request_timeout');
    else this.closeLingering();
  }

  #break(code: number, failure: Failure): void {
    this.#write(goawayFrame(code, this.#streams.last));
    this.#streams.loseAll();
    this.closeLingering();
    this.#reject(failure, { method: null, target: null, headers: [] });
  }

  #sayGoodbye(): void {
    this.#isEnding = true;
    this.#streams.stopServing();
    this.#write(goawayFrame(errorCode('NO_ERROR'), this.#streams.last));
    if (this.#streams.isEmpty) this.closeLingering();
  }

  /** FIN now; what the client still sends is read and dropped for a short time. */
  closeLingering(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#sending.output.flush();
    this.socket.end();
    this.socket.resume();
    this.#lingersUntil = performance.now() + LINGER_MS;
  }

  #write(frame: Buffer): void {
    this.#sending.output.write(frame);
  }

  #reject(failure: Failure, seen: Seen, answered?: Answered): void {
    const { newRequestId, onRejected, logger } = this.#context.options;
    const requestId = answered?.requestId ?? newRequestId();
    const bytesOut = answered?.bytesOut ?? 0;
    const peer = this.peer;
    const { method, target, headers } = seen;
    const userAgent = firstValue(headers, 'user-agent') ?? null;
    const startedAt = performance.now();
    try {
      onRejected({ failure, peer, method, target, requestId, startedAt, userAgent, bytesOut });
    } catch (error) {
      logger.error({ err: error }, 'a rejection could not be reported');
    }
  }
}

function ignore(): void {}
