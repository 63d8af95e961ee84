import { STATUS_CODES } from 'node:http';
import type { Failure } from '../../model/failure.ts';
import type { HeaderList } from '../../model/header-list.ts';
import type { DataPiece } from '../../model/http2/frame-reader.ts';
import {
  type ErrorName,
  errorCode,
  errorName,
  FIRST_WINDOW,
  SessionError,
} from '../../model/http2/http2-words.ts';
import { ANSWER_LIMITS, AnswerError } from '../backend/answer-parser.ts';
import type { AnswerReceiver, Carrier, Refusal, SentRequest } from '../backend/carrier.ts';
import type { AnswerBlock } from './answer-block.ts';
import { HeldAnswer } from './held-answer.ts';
import type { StreamHost } from './stream-host.ts';
import { Upload, type UploadWay } from './upload.ts';

/**
 * One exchange on a session: its request goes out as far as the backend's windows let it, its answer comes in as far as
 * the client takes it. What the client does not take now is held here, at most a window of it, so that a slow client
 * keeps nobody else on the session waiting.
 *
 *   request:  send ─▶ bodyChunk … (waits in upload.ts while a window is shut) ─▶ bodyEnd
 *   answer:   head ─▶ 1xx … ─▶ final ─▶ data … (held while paused) ─▶ end
 */

/** A grant is worth a frame from this size on. */
const GRANT_BYTES = 32 * 1024;

/** One exchange on a session. */
export class Http2Stream implements Carrier, UploadWay {
  uses: number;
  /** 0 before its head was sent. */
  id = 0;
  /** When its head was sent; monotonic ms. */
  begunAt = 0;
  /** Bytes that the backend takes; below 0 after it made its windows smaller. */
  sendWindow: number;
  private state: 'head' | 'body' | 'ended' | 'over' = 'head';
  private receiver: AnswerReceiver | null = null;
  private method = '';
  private readonly upload: Upload;
  private informationals = 0;
  /** Of the answer, by its Content-Length; null: it gave none. */
  private owed: number | null = null;
  /** Bytes that the backend may still send, and those that were taken and not granted again. */
  private granted = FIRST_WINDOW;
  private taken = 0;
  private readonly held = new HeldAnswer();
  private isPaused = false;
  private readonly host: StreamHost<Http2Stream>;

  /** @param uses See Carrier. */
  constructor(
    host: StreamHost<Http2Stream>,
    { uses, sendWindow }: { readonly uses: number; readonly sendWindow: number },
  ) {
    this.host = host;
    this.upload = new Upload(this);
    this.uses = uses;
    this.sendWindow = sendWindow;
  }

  // The request.

  send({ fields, method, bodyLength }: SentRequest, receiver: AnswerReceiver): void {
    this.receiver = receiver;
    this.method = method;
    this.upload.isSent = bodyLength === 0;
    this.id = this.host.begin(this, fields ?? [], this.upload.isSent);
  }

  bodyChunk(bytes: Buffer): boolean {
    return this.isOver || bytes.length === 0 || this.upload.chunk(bytes);
  }

  bodyEnd(trailers: HeaderList): void {
    if (!this.isOver) this.upload.end(trailers);
  }

  /** For the session: more can be sent. */
  flush(): void {
    if (this.upload.flush() && !this.upload.isSent) this.receiver?.writable();
  }

  sendPiece(bytes: Buffer): number {
    return this.host.sendData(this, bytes);
  }

  sendEnd(trailers: HeaderList): void {
    this.host.sendEnd(this, trailers);
  }

  get takesMore(): boolean {
    return this.host.takesMore;
  }

  awaitRoom(): void {
    this.host.awaitRoom(this);
  }

  // What the client does.

  pause(): void {
    this.isPaused = true;
    this.host.lend();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    const { receiver } = this;
    receiver?.readBegins();
    this.tellHeld();
    receiver?.readEnds();
  }

  destroy(): void {
    if (this.state === 'over') return;
    // Who gave up on an answer may have waited for the dead.
    if (!this.isAnswered) this.host.doubt(this);
    const isWhole = this.state === 'ended' && this.upload.isSent;
    this.finish(isWhole ? null : 'CANCEL');
  }

  // What the session reads.

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Some of its answer came. */
  get isAnswered(): boolean {
    return this.state !== 'head' || this.informationals > 0;
  }

  /** Who is to be told that a read begins, and that it ends: also if its answer ends in between. */
  get reader(): Pick<AnswerReceiver, 'readBegins' | 'readEnds'> | null {
    return this.receiver;
  }

  takeBlock(block: AnswerBlock, isEnd: boolean): void {
    if (this.state === 'ended') return;
    this.strictly(() => {
      if (this.state === 'head') this.takeHead(block, isEnd);
      else this.takeTrailers(block, isEnd);
    });
  }

  takeData({ bytes, counted, isEnd }: DataPiece): void {
    this.granted -= counted;
    if (this.granted < 0) throw new SessionError('FLOW_CONTROL_ERROR', 'more of a body than was granted');
    // Behind the end there is nothing that anybody waits for.
    if (this.state === 'ended') return;
    this.strictly(() => {
      if (this.state !== 'body') throw new AnswerError('a body before its head');
      if (this.owed !== null) this.owed -= bytes.length;
      if (this.owed !== null && this.owed < 0) throw new AnswerError('the answer is longer than its length');
      this.chunk(bytes, counted);
      if (isEnd) this.endAnswer([]);
    });
  }

  takeReset(code: number): void {
    // Whole is whole: a backend that does not want the rest of the request says so (RFC 9113 section 8.1).
    if (this.state === 'ended') return;
    if (code === errorCode('REFUSED_STREAM') && !this.isAnswered)
      this.refuse('overloaded', 'the backend refused the stream');
    else if (code === errorCode('ENHANCE_YOUR_CALM') && !this.isAnswered) this.calmDown();
    else this.lose('reset', `the backend reset the stream: ${errorName(code)}`, true);
  }

  /**
   * The backend has enough of this connection (node:http2 says so when it holds 10 MB for it): others are used from here
   * on, and it is as if this one had been closed.
   */
  private calmDown(): void {
    this.uses = 2;
    this.host.leave();
    this.lose('reset', 'the backend has too much to do on this connection', false);
  }

  /** The backend has not begun with it. */
  refuse(how: Refusal, message: string): void {
    const { receiver } = this;
    this.finish(null);
    receiver?.refused(how, message);
  }

  /** Its session is gone. */
  lose(failure: Failure, message: string, answered = this.isAnswered): void {
    if (this.state === 'ended') return;
    const { receiver } = this;
    this.finish(null);
    receiver?.failed(failure, message, answered);
  }

  private takeHead(block: AnswerBlock, isEnd: boolean): void {
    const status = block.headStatus();
    if (status < 200 && status !== 101) {
      this.takeInformational(status, block.list(), isEnd);
      return;
    }
    const { head, owed } = block.finalHead(this.method, isEnd);
    this.state = 'body';
    this.owed = owed;
    this.receiver?.head(head);
    if (isEnd && this.state === 'body') this.endAnswer([]);
  }

  private takeInformational(status: number, fields: HeaderList, isEnd: boolean): void {
    this.informationals += 1;
    if (isEnd) throw new AnswerError('an informational answer that ends the exchange');
    if (this.informationals > ANSWER_LIMITS.maxInformational)
      throw new AnswerError('too many informational answers');
    this.receiver?.informational(status, STATUS_CODES[status] ?? '', fields);
  }

  private takeTrailers(block: AnswerBlock, isEnd: boolean): void {
    if (!isEnd) throw new AnswerError('a second head');
    this.endAnswer(block.trailers());
  }

  private chunk(bytes: Buffer, counted: number): void {
    if (this.isPaused || !this.held.isEmpty) {
      this.held.add(bytes, counted);
      return;
    }
    if (bytes.length > 0) this.receiver?.chunk(bytes);
    this.grant(counted);
  }

  private endAnswer(trailers: HeaderList): void {
    if (this.isOver) return;
    if (this.owed !== null && this.owed > 0) throw new AnswerError('the answer ended before its length');
    this.state = 'ended';
    this.held.trailers = trailers;
    if (!this.isPaused && this.held.isEmpty) this.tellEnd(trailers);
  }

  private tellHeld(): void {
    while (!this.isPaused && !this.isOver) {
      const piece = this.held.next();
      if (piece === null) break;
      if (piece.bytes.length > 0) this.receiver?.chunk(piece.bytes);
      this.grant(piece.counted);
    }
    const { trailers } = this.held;
    if (!this.isPaused && !this.isOver && trailers !== null) this.tellEnd(trailers);
  }

  private tellEnd(trailers: HeaderList): void {
    const { receiver } = this;
    // What the backend answered before it had all of the request, it has no use for the rest of.
    this.finish(this.upload.isSent ? null : 'CANCEL');
    receiver?.end(trailers);
  }

  private grant(bytes: number): void {
    this.taken += bytes;
    if (this.taken < GRANT_BYTES || this.state !== 'body') return;
    this.granted += this.taken;
    this.host.grant(this, this.taken);
    this.taken = 0;
  }

  /** What breaks the rules of an answer ends this exchange, and no other. */
  private strictly(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error;
      const { receiver } = this;
      this.finish('PROTOCOL_ERROR');
      receiver?.failed('bad_response', error.message, true);
    }
  }

  private finish(reset: ErrorName | null): void {
    if (this.isOver) return;
    this.state = 'over';
    this.receiver = null;
    this.upload.clear();
    this.held.clear();
    if (reset !== null && this.id !== 0) this.host.reset(this, errorCode(reset));
    this.host.over(this);
  }
}
