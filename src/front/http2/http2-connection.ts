import type { Socket } from 'node:net';
import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import { firstValue } from '../../model/header-list.ts';
import type { DataPiece } from '../../model/http2/frame-reader.ts';
import {
  goawayFrame,
  pingFrame,
  resetFrame,
  settingsAckFrame,
  settingsFrame,
  windowUpdateFrame,
} from '../../model/http2/frame-writer.ts';
import type { TakeField } from '../../model/http2/hpack-decoder.ts';
import {
  type ErrorName,
  errorCode,
  FIRST_WINDOW,
  MOST_31_BITS,
  SETTING,
  SessionError,
} from '../../model/http2/http2-words.ts';
import type { Peer } from '../../model/request.ts';
import type { Admitted } from '../admit.ts';
import { LINGER_MS } from '../client-socket.ts';
import type { Seen } from '../refusal.ts';
import { NEVER } from '../wire/deadlines.ts';
import { Allowance } from './allowance.ts';
import { type ClientFrameEvents, ClientFrames } from './client-frames.ts';
import { ConnectionFault, failureOf } from './connection-fault.ts';
import { ConnectionSending, type SendingEvents } from './connection-sending.ts';
import { EndedStreams } from './ended-streams.ts';
import { Http2Exchange, type StreamHost } from './http2-exchange.ts';
import { CONNECTION_WINDOW, MAX_STREAMS, STREAM_WINDOW, UNANSWERED } from './http2-limits.ts';
import type { PeerSettings } from './peer-settings.ts';
import { ReceiveWindow } from './receive-window.ts';
import { RequestBlock, TrailerBlock } from './request-block.ts';
import { SendSide } from './send-side.ts';

/**
 * A client's connection of HTTP/2 (RFC 9113): its streams, each an exchange, and what they share.
 *
 *   socket ─▶ ClientFrames ─┬ block ─▶ RequestBlock ─▶ admit ─┬▶ Http2Exchange ─▶ handler
 *                           │                                 └▶ refused: answered, then as any other
 *                           ├ data ──▶ Http2Exchange ─▶ receiver of its body
 *                           └ the rest: windows, resets, PING
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
export class Http2Connection implements StreamHost, ClientFrameEvents, SendingEvents {
  readonly peer: Peer;
  readonly options: FrontOptions;
  readonly #socket: Socket;
  readonly #context: Http2Context;
  readonly #frames: ClientFrames;
  readonly #sending: ConnectionSending;
  readonly #open = new Map<number, Http2Exchange>();
  readonly #ended = new EndedStreams();
  /** Their last frame is on its way to the kernel. */
  #leaving: Http2Exchange[] = [];
  readonly #unanswered: Allowance;
  readonly #window = new ReceiveWindow(CONNECTION_WINDOW);
  #firstWindow = FIRST_WINDOW;
  #lastStream = 0;
  /** Streams above it are not served any more. */
  #lastServed = MOST_31_BITS;
  #idleSince: number;
  #isClosing = false;
  #lingersUntil = NEVER;

  constructor(socket: Socket, peer: Peer, context: Http2Context) {
    this.#socket = socket;
    this.peer = peer;
    this.#context = context;
    this.options = context.options;
    const { limits } = context.options;
    this.#frames = new ClientFrames(this, limits);
    this.#sending = new ConnectionSending(socket, limits.bodyTimeoutMs, this);
    this.#idleSince = performance.now();
    this.#unanswered = new Allowance(UNANSWERED, this.#idleSince);
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

  /** Looks at the time limits. */
  expire(now: number): void {
    const { headerTimeoutMs, keepAliveMs } = this.options.limits;
    const { waitingSince } = this.#frames;
    if (this.#lingersUntil <= now) this.#socket.destroy();
    if (this.#isClosing) return;
    if (waitingSince > 0 && headerTimeoutMs > 0 && waitingSince + headerTimeoutMs <= now) this.#expireHead();
    else if (this.#isIdle && keepAliveMs > 0 && this.#idleSince + keepAliveMs <= now) this.#sayGoodbye();
    else for (const exchange of [...this.#open.values()]) exchange.expire(now);
  }

  /** Says that nothing new is wanted. What is on its way, since the client does not know yet, is still served. */
  beginDrain(): void {
    if (!this.#isClosing) this.#write(goawayFrame(errorCode('NO_ERROR'), MOST_31_BITS));
  }

  /** From here on nothing new is served; the connection ends with its last stream. */
  endDrain(): void {
    if (!this.#isClosing) this.#sayGoodbye();
  }

  // Told by the frames.

  block(stream: number, isEnd: boolean, read: (take: TakeField) => void): void {
    const exchange = this.#open.get(stream);
    if (exchange !== undefined) this.#takeTrailers(exchange, isEnd, read);
    else if (stream > this.#lastStream) this.#takeHead(stream, isEnd, read);
    else {
      read(ignore);
      this.#late(stream);
    }
  }

  data({ stream, bytes, counted, isEnd }: DataPiece): void {
    if (!this.#window.came(counted))
      throw new SessionError('FLOW_CONTROL_ERROR', 'more than the window allows');
    const exchange = this.#open.get(stream);
    if (exchange === undefined) {
      this.#late(stream);
      this.#giveBack(counted);
      return;
    }
    if (exchange.isRequestEnded) {
      this.#giveBack(counted);
      this.#malformed(exchange, 'STREAM_CLOSED');
      return;
    }
    const fate = exchange.takeData(bytes, counted);
    if (fate !== 'taken') {
      this.#giveBack(counted);
      this.#malformed(exchange, fate === 'window' ? 'FLOW_CONTROL_ERROR' : 'PROTOCOL_ERROR');
    } else if (isEnd && !exchange.takeEnd([])) this.#malformed(exchange, 'PROTOCOL_ERROR');
  }

  settings({ initialWindow }: PeerSettings): void {
    if (initialWindow !== null) {
      const change = initialWindow - this.#firstWindow;
      this.#firstWindow = initialWindow;
      for (const { side } of this.#open.values()) {
        side.window += change;
        if (side.window > MOST_31_BITS)
          throw new SessionError('FLOW_CONTROL_ERROR', 'a window that is too large');
      }
    }
    this.#write(settingsAckFrame());
    this.#sending.pump();
  }

  ping(payload: Buffer): void {
    this.#write(pingFrame(payload, true));
  }

  reset(stream: number): void {
    const exchange = this.#open.get(stream);
    if (exchange === undefined) {
      if (stream > this.#lastStream) throw new SessionError('PROTOCOL_ERROR', 'a reset of no stream');
      this.#frames.chatter();
      return;
    }
    this.#letGo(exchange, 'reset');
    exchange.lost();
    this.#countUnanswered();
  }

  windowUpdate(stream: number, increment: number): void {
    if (stream === 0) {
      this.#sending.widen(increment);
      return;
    }
    const exchange = this.#open.get(stream);
    if (exchange === undefined) {
      if (stream > this.#lastStream) throw new SessionError('PROTOCOL_ERROR', 'a window of no stream');
      return;
    }
    exchange.side.window += increment;
    if (increment === 0) this.#malformed(exchange, 'PROTOCOL_ERROR');
    else if (exchange.side.window > MOST_31_BITS) this.#malformed(exchange, 'FLOW_CONTROL_ERROR');
    else this.#sending.pump();
  }

  // Told by what is sent.

  dataSent(): void {
    this.#frames.dataSent();
  }

  sideEnded(side: SendSide): void {
    const exchange = this.#open.get(side.id);
    if (exchange === undefined) return;
    const { isMalformed, isRequestEnded } = exchange;
    // The answer is whole; what is left of the request is not wanted (section 8.1).
    if (isMalformed || !isRequestEnded)
      this.#write(resetFrame(side.id, errorCode(isMalformed ? 'PROTOCOL_ERROR' : 'NO_ERROR')));
    this.#letGo(exchange, isRequestEnded ? 'closed' : 'reset');
    this.#unanswered.earn(1);
    if (this.#leaving.push(exchange) === 1) process.nextTick(this.#onLeaving);
  }

  // For the streams.

  cutStream(exchange: Http2Exchange, name: ErrorName): void {
    if (this.#open.get(exchange.side.id) !== exchange) return;
    this.#write(resetFrame(exchange.side.id, errorCode(exchange.isMalformed ? 'PROTOCOL_ERROR' : name)));
    this.#letGo(exchange, 'reset');
  }

  taken(exchange: Http2Exchange, bytes: number, increment: number): void {
    const { id } = exchange.side;
    if (increment > 0 && !exchange.isRequestEnded && this.#open.has(id))
      this.#write(windowUpdateFrame(id, increment));
    this.#giveBack(bytes);
  }

  // Heads.

  #takeHead(stream: number, isEnd: boolean, read: (take: TakeField) => void): void {
    if (stream % 2 === 0)
      throw new SessionError('PROTOCOL_ERROR', 'a stream of a client with an even number');
    this.#lastStream = stream;
    const request = new RequestBlock(this.options.limits);
    read(request.take);
    if (stream > this.#lastServed) return;
    if (this.#open.size >= MAX_STREAMS) {
      this.#ended.add(stream, isEnd ? 'closed' : 'reset');
      this.#write(resetFrame(stream, errorCode('REFUSED_STREAM')));
      this.#reject('over_capacity', request.seen);
      this.#frames.chatter();
      return;
    }
    const side = new SendSide(stream, this.#firstWindow, this.#sending);
    const admission = request.judge(isEnd);
    const startedAt = performance.now();
    const isRefused = 'failure' in admission;
    const admitted = isRefused ? standIn(request.seen, isEnd) : admission;
    const exchange = new Http2Exchange(this, { admitted, side, startedAt });
    this.#open.set(stream, exchange);
    if (isRefused) this.#refuse(exchange, admission.failure, request.seen);
    else this.#handle(exchange);
  }

  #handle(exchange: Http2Exchange): void {
    try {
      this.options.handler(exchange);
    } catch (error) {
      exchange.fault(error);
    }
  }

  #refuse(exchange: Http2Exchange, failure: Failure, seen: Seen): void {
    const requestId = this.options.newRequestId();
    exchange.isMalformed = failure === 'malformed_request';
    exchange.answer.fail(failure, requestId);
    this.#reject(failure, seen, requestId);
  }

  #takeTrailers(exchange: Http2Exchange, isEnd: boolean, read: (take: TakeField) => void): void {
    const trailers = new TrailerBlock(this.options.limits);
    read(trailers.take);
    if (exchange.isRequestEnded) this.#malformed(exchange, 'STREAM_CLOSED');
    else if (trailers.fault !== null) this.#malformed(exchange, 'PROTOCOL_ERROR', trailers.fault);
    else if (!isEnd || !exchange.takeEnd(trailers.fields)) this.#malformed(exchange, 'PROTOCOL_ERROR');
  }

  // Streams.

  /** What came for a stream that is no more. @throws SessionError where the client must have known. */
  #late(stream: number): void {
    if (stream > this.#lastServed) return;
    const how = stream > this.#lastStream ? 'unknown' : this.#ended.of(stream);
    if (how === 'unknown') throw new SessionError('PROTOCOL_ERROR', 'a frame of no stream');
    if (how === 'closed') throw new SessionError('STREAM_CLOSED', 'a frame of a stream that had ended');
    this.#frames.chatter();
  }

  /** The client broke the rules on a stream: its handler may still say so, then the stream is reset. */
  #malformed(exchange: Http2Exchange, name: ErrorName, failure: Failure = 'malformed_request'): void {
    exchange.isMalformed = true;
    exchange.failBody(failure);
    if (this.#open.get(exchange.side.id) === exchange) {
      this.#write(resetFrame(exchange.side.id, errorCode(name)));
      this.#letGo(exchange, 'reset');
      exchange.lost();
    }
    this.#countUnanswered();
  }

  #countUnanswered(): void {
    if (!this.#unanswered.spend(performance.now()))
      throw new ConnectionFault('ENHANCE_YOUR_CALM', 'over_capacity', 'too many streams without an answer');
  }

  #letGo(exchange: Http2Exchange, how: 'reset' | 'closed'): void {
    const { side } = exchange;
    this.#sending.forget(side);
    this.#open.delete(side.id);
    this.#ended.add(side.id, how);
    this.#idleSince = performance.now();
  }

  get #isIdle(): boolean {
    return this.#open.size === 0 && this.#leaving.length === 0;
  }

  #giveBack(bytes: number): void {
    const increment = this.#window.took(bytes);
    if (increment > 0) this.#write(windowUpdateFrame(0, increment));
  }

  readonly #onLeaving = (): void => {
    const count = this.#leaving.length;
    const gone = (error?: Error | null): void => {
      if (error) return;
      for (const exchange of this.#leaving.splice(0, count)) exchange.closed();
      if (this.#leaving.length > 0) this.#onLeaving();
      else if (this.#isIdle && this.#lastServed !== MOST_31_BITS) this.#closeLingering();
    };
    if (this.#sending.output.flushAll()) gone();
    else this.#sending.output.whenSent(gone);
  };

  // The connection.

  readonly #onBytes = (bytes: Buffer): void => {
    if (this.#isClosing) return;
    try {
      this.#frames.feed(bytes);
    } catch (error) {
      if (!(error instanceof SessionError)) this.options.logger.error({ err: error }, 'a connection failed');
      const code = error instanceof SessionError ? error.code : errorCode('INTERNAL_ERROR');
      this.#break(code, failureOf(error));
    }
  };

  /** FIN: as over HTTP/1.1, it counts as gone; answers that were whole may still leave. */
  readonly #onEnd = (): void => {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#loseAll();
      this.#sending.output.flush();
    }
    this.#socket.destroySoon();
  };

  readonly #onClose = (): void => {
    this.#isClosing = true;
    this.#lingersUntil = NEVER;
    this.#loseAll();
    this.#context.closed(this);
  };

  #expireHead(): void {
    // Who never said anything asked for nothing.
    if (this.#frames.hasBegun) this.#break(errorCode('ENHANCE_YOUR_CALM'), 'request_timeout');
    else this.#closeLingering();
  }

  #break(code: number, failure: Failure): void {
    this.#write(goawayFrame(code, this.#lastStream));
    this.#loseAll();
    this.#closeLingering();
    this.#reject(failure, { method: null, target: null, headers: [] });
  }

  #sayGoodbye(): void {
    this.#lastServed = this.#lastStream;
    this.#write(goawayFrame(errorCode('NO_ERROR'), this.#lastStream));
    if (this.#isIdle) this.#closeLingering();
  }

  #loseAll(): void {
    const lost = [...this.#open.values()];
    this.#open.clear();
    for (const exchange of lost) exchange.lost();
    for (const exchange of this.#leaving.splice(0)) exchange.closed();
  }

  /** FIN now; what the client still sends is read and dropped for a short time. */
  #closeLingering(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#sending.output.flush();
    this.#socket.end();
    this.#socket.resume();
    this.#lingersUntil = performance.now() + LINGER_MS;
  }

  #write(frame: Buffer): void {
    this.#sending.output.write(frame);
  }

  #reject(failure: Failure, seen: Seen, requestId = this.options.newRequestId()): void {
    const { method, target, headers } = seen;
    const userAgent = firstValue(headers, 'user-agent') ?? null;
    const startedAt = performance.now();
    try {
      this.options.onRejected({ failure, peer: this.peer, method, target, requestId, startedAt, userAgent });
    } catch (error) {
      this.options.logger.error({ err: error }, 'a rejection could not be reported');
    }
  }
}

/** For a request that is only refused: as much of a head as there is. */
function standIn({ method, target, headers }: Seen, isEnd: boolean): Admitted {
  const known = { method: method ?? '', target: target ?? '' };
  return {
    head: { ...known, minorVersion: 1, headers },
    traits: { method: known.method, host: '', path: known.target, query: null, headers },
    bodyLength: isEnd ? 0 : null,
  };
}

function ignore(): void {}
