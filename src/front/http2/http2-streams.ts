import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { DataPiece } from '../../model/http2/frame-reader.ts';
import {
  pingFrame,
  resetFrame,
  settingsAckFrame,
  windowUpdateFrame,
} from '../../model/http2/frame-writer.ts';
import type { TakeField } from '../../model/http2/hpack-decoder.ts';
import {
  type ErrorName,
  errorCode,
  FIRST_WINDOW,
  MOST_31_BITS,
  SessionError,
} from '../../model/http2/http2-words.ts';
import type { Peer } from '../../model/request.ts';
import { Allowance } from './allowance.ts';
import type { ClientFrameEvents } from './client-frames.ts';
import { ConnectionFault } from './connection-fault.ts';
import { EndedStreams } from './ended-streams.ts';
import { Http2Exchange, type StreamHost } from './http2-exchange.ts';
import { CONNECTION_WINDOW, MAX_STREAMS, UNANSWERED } from './http2-limits.ts';
import { LeavingStreams } from './leaving-streams.ts';
import type { PeerSettings } from './peer-settings.ts';
import { ReceiveWindow } from './receive-window.ts';
import { RequestBlock, TrailerBlock } from './request-block.ts';
import { SendSide } from './send-side.ts';
import type { StreamsLink } from './streams-link.ts';

/**
 * The streams of one connection: what its frames mean for each of them.
 *
 *   head ─▶ open ─┬ answered ─▶ leaving (last bytes on their way to the kernel) ─▶ over
 *                 └ reset by the client, cut, malformed, connection gone ─────────▶ over
 */

/** The streams of a connection. */
export class Http2Streams implements StreamHost, ClientFrameEvents {
  readonly peer: Peer;
  readonly options: FrontOptions;
  /** The last that the client began. */
  last = 0;
  /** Since when there is none, by `performance.now()`. */
  idleSince: number;
  readonly #link: StreamsLink;
  readonly #open = new Map<number, Http2Exchange>();
  /** Their handler was not called yet. */
  readonly #fresh = new Set<Http2Exchange>();
  readonly #ended = new EndedStreams();
  readonly #leaving: LeavingStreams;
  readonly #unanswered: Allowance;
  readonly #window = new ReceiveWindow(CONNECTION_WINDOW);
  #firstWindow = FIRST_WINDOW;
  /** Streams above it are not served any more. */
  #lastServed = MOST_31_BITS;

  constructor(link: StreamsLink) {
    this.#link = link;
    this.peer = link.peer;
    this.options = link.options;
    this.idleSince = performance.now();
    this.#unanswered = new Allowance(UNANSWERED, this.idleSince);
    this.#leaving = new LeavingStreams(link.sending.output, () => {
      if (this.isEmpty) link.emptied();
    });
  }

  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#leaving.isEmpty;
  }

  /** Nothing new is served. */
  stopServing(): void {
    this.#lastServed = this.last;
  }

  /** Looks at the time limits. */
  expire(now: number): void {
    for (const exchange of [...this.#open.values()]) exchange.expire(now);
  }

  /** There are some, and their client keeps all of them from ending. */
  isSlow(now: number): boolean {
    const open = [...this.#open.values()];
    return open.length > 0 && open.every((exchange) => exchange.isSlow(now));
  }

  /** The connection is gone. */
  loseAll(): void {
    const lost = [...this.#open.values()];
    this.#open.clear();
    this.#fresh.clear();
    for (const exchange of lost) exchange.lost();
    this.#leaving.lose();
  }

  /**
   * Hands on the requests that came in one read, when all of it was looked at: one that was given up in the same breath,
   * as in a rapid reset, costs no backend anything.
   */
  handleFresh(): void {
    for (const exchange of this.#fresh) {
      this.#fresh.delete(exchange);
      exchange.call(() => this.options.handler(exchange));
    }
  }

  // Told by the frames.

  block(stream: number, isEnd: boolean, read: (take: TakeField) => void): void {
    const exchange = this.#open.get(stream);
    if (exchange !== undefined) this.#takeTrailers(exchange, isEnd, read);
    else if (stream > this.last) this.#takeHead(stream, isEnd, read);
    else {
      read(ignore);
      this.#late(stream);
    }
  }

  data({ stream, bytes, counted, isEnd }: DataPiece): void {
    if (!this.#window.came(counted))
      throw new SessionError('FLOW_CONTROL_ERROR', 'more than the window allows');
    const exchange = this.#open.get(stream);
    if (exchange === undefined) this.#late(stream);
    const fate = exchange?.takeData(bytes, counted) ?? 'dropped';
    if (fate !== 'taken') this.#giveBack(counted);
    if (exchange === undefined || fate === 'dropped') return;
    if (fate !== 'taken') this.#malformed(exchange, fate);
    else if (isEnd && !exchange.takeEnd([])) this.#malformed(exchange, 'PROTOCOL_ERROR');
  }

  settings({ initialWindow }: PeerSettings): void {
    const change = (initialWindow ?? this.#firstWindow) - this.#firstWindow;
    this.#firstWindow += change;
    for (const { side } of this.#open.values()) side.shift(change);
    this.#write(settingsAckFrame());
    this.#link.sending.pump();
  }

  ping(payload: Buffer): void {
    this.#write(pingFrame(payload, true));
  }

  reset(stream: number): void {
    const exchange = this.#open.get(stream);
    if (exchange === undefined) {
      if (stream > this.last) throw new SessionError('PROTOCOL_ERROR', 'a reset of no stream');
      this.#link.chatter();
      return;
    }
    this.#giveUp(exchange);
    if (this.#fresh.delete(exchange)) this.#link.reject('client_closed', exchange.head);
    exchange.lost();
    this.#countUnanswered();
  }

  windowUpdate(stream: number, increment: number): void {
    if (stream === 0) {
      this.#link.sending.widen(increment);
      return;
    }
    const exchange = this.#open.get(stream);
    if (exchange === undefined) {
      if (stream > this.last) throw new SessionError('PROTOCOL_ERROR', 'a window of no stream');
      return;
    }
    const wrong = exchange.side.widen(increment);
    if (wrong !== null) this.#malformed(exchange, wrong);
    else this.#link.sending.pump();
  }

  /** The answer is whole: what is left of the request is not wanted (section 8.1). */
  sideEnded({ id }: SendSide): void {
    const exchange = this.#open.get(id);
    if (exchange === undefined) return;
    const { brokenBy, isRequestEnded } = exchange;
    if (brokenBy !== null || !isRequestEnded) this.#sendReset(id, brokenBy ?? 'NO_ERROR');
    this.#letGo(exchange, isRequestEnded ? 'closed' : 'reset');
    if (brokenBy === null) this.#unanswered.earn(1);
    this.#leaving.add(exchange);
  }

  // For the streams.

  cutStream(exchange: Http2Exchange, name: ErrorName): void {
    const { id } = exchange.side;
    if (this.#open.get(id) !== exchange) return;
    this.#sendReset(id, exchange.brokenBy ?? name);
    this.#giveUp(exchange);
  }

  taken(exchange: Http2Exchange, bytes: number, increment: number): void {
    const { id } = exchange.side;
    if (increment > 0 && !exchange.isRequestEnded && this.#open.has(id))
      this.#write(windowUpdateFrame(id, increment));
    this.#giveBack(bytes);
  }

  #takeHead(stream: number, isEnd: boolean, read: (take: TakeField) => void): void {
    if (stream % 2 === 0)
      throw new SessionError('PROTOCOL_ERROR', 'a stream of a client with an even number');
    this.last = stream;
    const request = new RequestBlock(this.options.limits);
    read(request.take);
    if (stream > this.#lastServed) return;
    if (this.#open.size >= MAX_STREAMS) {
      this.#ended.add(stream, isEnd ? 'closed' : 'reset');
      this.#sendReset(stream, 'REFUSED_STREAM');
      this.#link.reject('over_capacity', request.seen);
      this.#link.chatter();
      return;
    }
    const admission = request.judge(isEnd);
    const isRefused = 'failure' in admission;
    const exchange = new Http2Exchange(this, {
      admitted: isRefused ? request.standIn(isEnd) : admission,
      isEnded: isEnd,
      side: new SendSide(stream, this.#firstWindow, this.#link.sending),
    });
    this.#open.set(stream, exchange);
    if (isRefused) this.#refuse(exchange, admission.failure);
    else this.#fresh.add(exchange);
  }

  /** Answers a request that no handler is asked about. */
  #refuse(exchange: Http2Exchange, failure: Failure): void {
    const requestId = this.options.newRequestId();
    if (failure === 'malformed_request') exchange.brokenBy ??= 'PROTOCOL_ERROR';
    const answered = { requestId, bytesOut: exchange.answer.fail(failure, requestId) };
    const { method, target, headers } = exchange.head;
    this.#link.reject(failure, { method: method || null, target: target || null, headers }, answered);
    if (exchange.brokenBy !== null) this.#countUnanswered();
  }

  #takeTrailers(exchange: Http2Exchange, isEnd: boolean, read: (take: TakeField) => void): void {
    const trailers = new TrailerBlock(this.options.limits);
    read(trailers.take);
    if (exchange.isRequestEnded) this.#malformed(exchange, 'STREAM_CLOSED');
    else if (trailers.fault !== null) this.#malformed(exchange, 'PROTOCOL_ERROR', trailers.fault);
    else if (!isEnd || !exchange.takeEnd(trailers.fields)) this.#malformed(exchange, 'PROTOCOL_ERROR');
  }

  /** Something came for a stream that is not open. @throws SessionError */
  #late(stream: number): void {
    if (stream > this.#lastServed) return;
    this.#ended.expectReset(stream);
    this.#link.chatter();
  }

  /** The client broke the rules on a stream: it may still be told so, then the stream is reset. */
  #malformed(exchange: Http2Exchange, name: ErrorName, failure: Failure = 'malformed_request'): void {
    exchange.brokenBy = name;
    if (this.#fresh.delete(exchange)) this.#refuse(exchange, failure);
    else {
      exchange.failBody(failure);
      this.#countUnanswered();
    }
    if (this.#open.get(exchange.side.id) === exchange) {
      this.#sendReset(exchange.side.id, name);
      this.#giveUp(exchange);
      exchange.lost();
    }
  }

  #countUnanswered(): void {
    if (!this.#unanswered.spend(performance.now()))
      throw new ConnectionFault('ENHANCE_YOUR_CALM', 'over_capacity', 'too many streams without an answer');
  }

  /** Nothing of it is left: no answer is on its way. */
  #giveUp(exchange: Http2Exchange): void {
    this.#letGo(exchange, 'reset');
    if (this.isEmpty) this.#link.emptied();
  }

  #letGo(exchange: Http2Exchange, how: 'reset' | 'closed'): void {
    const { side } = exchange;
    this.#link.sending.forget(side);
    this.#open.delete(side.id);
    this.#ended.add(side.id, how);
    this.idleSince = performance.now();
  }

  #giveBack(bytes: number): void {
    const increment = this.#window.took(bytes);
    if (increment > 0) this.#write(windowUpdateFrame(0, increment));
  }

  #sendReset(stream: number, name: ErrorName): void {
    this.#write(resetFrame(stream, errorCode(name)));
  }

  #write(frame: Buffer): void {
    this.#link.sending.output.write(frame);
  }
}

function ignore(): void {}
