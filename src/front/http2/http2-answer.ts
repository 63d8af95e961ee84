import type { Duplex } from 'node:stream';
import { type AnswerHead, type AnswerSink, COPIED_BYTES } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import { firstValue, type HeaderList } from '../../model/header-list.ts';
import { renderProblem } from '../problem.ts';
import { answerFields, informationalFields, trailerFields } from './answer-fields.ts';
import { grpcProblem, isGrpc } from './grpc-problem.ts';
import type { SendSide } from './send-side.ts';

/**
 * An answer on a stream of HTTP/2.
 *
 *   waiting ──head/fail──▶ body ──end──▶ ended ──sent──▶ over            cut, lost: from anywhere ──▶ over
 */

/** What an answer needs of the exchange that it belongs to. */
export interface Http2AnswerTerms {
  readonly side: SendSide;
  readonly method: string;
  /** Of the request. */
  readonly headers: HeaderList;
  /** Resets the stream: the client sees that the answer is not whole. */
  cutStream(): void;
  /** Calls back into the handler's code, guarded. */
  call(callback: () => void): void;
}

type State = 'waiting' | 'body' | 'ended' | 'over';

/** The way back to the client of one stream. */
export class Http2Answer implements AnswerSink {
  onDrain: (() => void) | null = null;
  onFinish: (() => void) | null = null;
  readonly #terms: Http2AnswerTerms;
  #state: State = 'waiting';
  #hasBody = false;
  /** Bytes of a body of known length that are still to come; null: not known. */
  #owed: number | null = null;
  /** The last piece of a body of known length. */
  #last: Buffer | null = null;
  /** A head without a body, until it is sent. */
  #wholeHead: HeaderList | null = null;

  constructor(terms: Http2AnswerTerms) {
    this.#terms = terms;
    terms.side.onDrain = () => {
      if (this.#state === 'body' && this.onDrain !== null) terms.call(this.onDrain);
    };
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  /** The answer is complete, though its last bytes may still wait for the client. */
  get isEnded(): boolean {
    return this.#state === 'ended' || this.#state === 'over';
  }

  informational(status: number, _reason: string, headers: HeaderList): void {
    if (this.#state !== 'waiting') return;
    this.#terms.side.head(informationalFields(status, headers), false);
  }

  head(head: AnswerHead): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'body';
    const { status, bodyLength } = head;
    this.#hasBody = this.#terms.method !== 'HEAD' && status !== 204 && status !== 304;
    this.#owed = this.#hasBody ? bodyLength : 0;
    const fields = answerFields(head, this.#hasBody);
    // Where nothing follows, the head ends the stream: it leaves with `end`.
    if (this.#owed === 0) this.#wholeHead = fields;
    else this.#terms.side.head(fields, false);
  }

  chunk(bytes: Buffer): boolean {
    if (this.#state !== 'body' || !this.#hasBody || bytes.length === 0) return true;
    if (this.#owed !== null) {
      this.#owed -= bytes.length;
      // More than was promised makes the whole answer malformed (RFC 9113 section 8.1.1).
      if (this.#owed < 0) {
        this.cut();
        return true;
      }
    }
    if (this.#owed !== 0 || bytes.length > COPIED_BYTES) return this.#terms.side.data(bytes);
    // `end` follows at once: it leaves with that.
    this.#last = Buffer.from(bytes);
    return true;
  }

  end(trailers: HeaderList): void {
    if (this.#state !== 'body') return;
    if (this.#owed !== null && this.#owed > 0) {
      this.cut();
      return;
    }
    this.#state = 'ended';
    if (this.#wholeHead !== null) this.#terms.side.head(this.#wholeHead, true);
    else this.#terms.side.end(trailerFields(trailers), this.#last);
  }

  /** What is written in one turn of the event loop leaves together anyway. */
  cork(): void {}

  uncork(): void {}

  fail(failure: Failure, requestId: string, fields: HeaderList = []): number {
    if (this.#state !== 'waiting') return 0;
    const { headers, method } = this.#terms;
    if (isGrpc(headers)) {
      this.head(grpcProblem({ failure, requestId, fields }));
      this.end([]);
      return 0;
    }
    const accept = firstValue(headers, 'accept');
    const problem = renderProblem({ failure, requestId, fields, accept, now: Date.now() });
    this.head({ ...problem, bodyLength: problem.body.length });
    this.chunk(problem.body);
    this.end([]);
    return method === 'HEAD' ? 0 : problem.body.length;
  }

  cut(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#terms.cutStream();
    this.#callFinish();
  }

  /** Never asked for: no exchange of HTTP/2 has an offer of another protocol. */
  switchProtocols(): { readonly socket: Duplex; readonly early: Buffer } {
    throw new Error('no stream of HTTP/2 can be handed over');
  }

  /** The last byte of an answer that is complete was handed to the kernel, or the stream is gone. */
  over(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#callFinish();
  }

  #callFinish(): void {
    const { onFinish } = this;
    this.onFinish = null;
    if (onFinish !== null) this.#terms.call(onFinish);
  }
}
