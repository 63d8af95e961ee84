import type { Socket } from 'node:net';
import type { AnswerHead, AnswerSink } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import { type Framing, renderHead, renderInterim } from './answer-head.ts';
import type { AnswerOutput } from './answer-output.ts';
import { renderProblem } from './problem.ts';

/**
 * An answer written straight to the client's socket. Nothing lies between: node's ServerResponse would invent fields,
 * write latin1 values as UTF-8, refuse what backends really send, and know of no 1xx but three.
 *
 *   waiting ──head/fail──▶ body ──end──▶ ended ──flushed──▶ over
 *      └── switchProtocols ─────────────────────────────────▶ over        cut, lost: from anywhere ──▶ over
 *
 * Pieces written in one turn of the event loop leave in one system call (answer-output.ts).
 */

/** What an answer needs from the exchange that it belongs to. */
export interface AnswerTerms {
  readonly socket: Socket;
  /** The connection's, over that socket. */
  readonly output: AnswerOutput;
  readonly method: string;
  readonly minorVersion: 0 | 1;
  /** The request's Accept field. */
  readonly accept: string | undefined;
  /** Asked when the head is written: may the connection serve another request after this? */
  isPersistent(): boolean;
  /** The answer is over and its last byte handed to the kernel; `keeps`: the connection may go on. Called once. */
  written(keeps: boolean): void;
  /** 101 was written: gives the bytes that the client sent early, and lets go of the socket. */
  release(): Buffer;
  /** Calls back into the handler's code, guarded. */
  call(callback: () => void): void;
}

type State = 'waiting' | 'body' | 'ended' | 'over';

/** How long a broken answer's last bytes may take to leave before the socket is destroyed, ms. */
const CUT_GRACE_MS = 1000;

/** The way back to one client, over a socket that speaks HTTP/1. */
export class SocketAnswer implements AnswerSink {
  onDrain: (() => void) | null = null;
  onFinish: (() => void) | null = null;
  /** A 100 was sent. */
  continued = false;
  readonly #terms: AnswerTerms;
  #state: State = 'waiting';
  #framing: Framing = 'none';
  #keeps = false;
  /** Bytes of a Content-Length body that are still to come. */
  #owed = 0;
  /** Whoever fails it learns what was sent before it is over. */
  #isProblem = false;
  /** Nothing is read behind a request that could be read in two ways. */
  #isMisread = false;
  /** The handler was told to wait. */
  #isBlocked = false;

  constructor(terms: AnswerTerms) {
    this.#terms = terms;
  }

  get isWaiting(): boolean {
    return this.#state === 'waiting';
  }

  /** The answer is complete, though its last bytes may still be on their way to the kernel. */
  get isEnded(): boolean {
    return this.#state === 'ended' || this.#state === 'over';
  }

  informational(status: number, reason: string, headers: HeaderList): void {
    if (this.#state !== 'waiting') return;
    // RFC 9110 section 15.2: a 1xx must not be sent to an HTTP/1.0 client.
    if (this.#terms.minorVersion === 0) return;
    if (status === 100) this.continued = true;
    this.#terms.output.write(renderInterim(status, reason, headers));
  }

  head(head: AnswerHead): void {
    if (this.#state !== 'waiting') return;
    const { method, minorVersion } = this.#terms;
    const persistent = !this.#isMisread && this.#terms.isPersistent();
    const rendered = renderHead(head, { method, minorVersion, persistent });
    this.#state = 'body';
    this.#framing = rendered.framing;
    this.#keeps = rendered.keeps;
    this.#owed = rendered.framing === 'length' ? (head.bodyLength as number) : 0;
    this.#terms.output.write(rendered.text);
  }

  chunk(bytes: Buffer): boolean {
    if (this.#state !== 'body' || this.#framing === 'none' || bytes.length === 0) return true;
    if (this.#framing === 'chunked') return this.#told(this.#terms.output.writeChunk(bytes));
    if (this.#framing === 'length') {
      this.#owed -= bytes.length;
      // More than was promised would be read as the next answer.
      if (this.#owed < 0) {
        this.cut();
        return true;
      }
    }
    return this.#told(this.#terms.output.write(bytes));
  }

  end(trailers: HeaderList): void {
    if (this.#state !== 'body') return;
    if (this.#owed > 0) {
      this.cut();
      return;
    }
    this.#state = 'ended';
    const { output } = this.#terms;
    if (this.#framing === 'chunked') output.write(renderLastChunk(trailers));
    if (!this.#isProblem && output.flushAll()) this.#finish();
    else output.whenSent(this.#onFlushed);
  }

  cork(): void {
    this.#terms.output.cork();
  }

  uncork(): void {
    this.#terms.output.uncork();
  }

  fail(failure: Failure, requestId: string, fields: HeaderList = []): number {
    if (this.#state !== 'waiting') return 0;
    const { accept, method } = this.#terms;
    const problem = renderProblem({ failure, requestId, fields, accept, now: Date.now() });
    const bodyLength = problem.body.length;
    this.#isProblem = true;
    this.#isMisread = problem.status === 400;
    this.head({ status: problem.status, reason: problem.reason, headers: problem.headers, bodyLength });
    this.chunk(problem.body);
    this.end([]);
    return method === 'HEAD' ? 0 : bodyLength;
  }

  cut(): void {
    if (this.#state === 'over') return;
    const { socket, output } = this.#terms;
    output.flush();
    // A body that ends with its connection looks whole after a FIN: only a reset shows that it is not.
    if (this.#framing === 'close' && this.#state === 'body') socket.resetAndDestroy();
    else destroyAfterFlush(socket);
    this.#over();
    this.#callFinish();
  }

  switchProtocols(head: AnswerHead): { readonly socket: Socket; readonly early: Buffer } {
    this.#state = 'over';
    const { socket, output } = this.#terms;
    output.write(renderInterim(head.status, head.reason, head.headers));
    output.flush();
    return { socket, early: this.#terms.release() };
  }

  /** The socket has emptied its buffer. */
  drained(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    if (this.#state === 'body' && this.onDrain !== null) this.#terms.call(this.onDrain);
  }

  /** The connection is gone. */
  lost(): void {
    if (this.#state === 'over') return;
    this.#over();
    this.#callFinish();
  }

  #finish(): void {
    if (this.#state !== 'ended') return;
    this.#over();
    this.#callFinish();
    this.#terms.written(this.#keeps);
  }

  #over(): void {
    this.#state = 'over';
    this.#isBlocked = false;
  }

  #callFinish(): void {
    const { onFinish } = this;
    this.onFinish = null;
    if (onFinish !== null) this.#terms.call(onFinish);
  }

  #told(isOpen: boolean): boolean {
    this.#isBlocked = !isOpen;
    return isOpen;
  }

  /** A socket that fails calls `lost` instead. */
  readonly #onFlushed = (error?: Error | null): void => {
    if (!error) this.#finish();
  };
}

function renderLastChunk(trailers: HeaderList): string {
  let text = '0\r\n';
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i]}: ${trailers[i + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Bytes already taken for the client still leave, but nobody waits long for one who does not read. */
function destroyAfterFlush(socket: Socket): void {
  if (socket.writableLength === 0 || !socket.writable) {
    socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), CUT_GRACE_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
