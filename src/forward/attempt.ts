import type { Socket } from 'node:net';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { ParsedHead } from './backend/answer-parser.ts';
import type { AnswerReceiver, BackendConnection } from './backend/connection.ts';
import type { Pool } from './backend/pool.ts';
import type { BodyRelay, BodySink } from './body-relay.ts';
import type { BackendRequestHead } from './request-head.ts';

/**
 * One sending of a request to one endpoint, with its time limits:
 *
 *   connect ─▶ head sent ─▶ (100?) ─▶ body … ─▶ last byte ─▶ answer's head ─▶ chunks … ─▶ end
 *   └ connect ┘                      └ idle: it takes nothing    └ response ┘  └ idle: between bytes
 *
 * Nothing here decides what follows a failure: that is the exchange's affair.
 */

/** How long a client that sent `Expect: 100-continue` waits for the backend's word before it gets the router's. */
const CONTINUE_WAIT_MS = 1_000;

/** What ended an attempt before its answer was whole. */
export interface AttemptFailure {
  readonly failure: Failure;
  /** For the log: what exactly, with addresses. */
  readonly message: string;
  /** The backend cannot have seen the request. */
  readonly unsent: boolean;
  /** On a connection that had served before. */
  readonly reused: boolean;
  /** At least one byte of an answer had come. */
  readonly answered: boolean;
}

/** The connection broke before any byte of an answer: most likely the backend had let go of it, or was going away. */
export function isUnanswered({ failure, answered }: AttemptFailure): boolean {
  return failure === 'reset' && !answered;
}

/** What an attempt tells. After `end`, `upgraded` or `failed` it tells nothing more. */
export interface AttemptEvents {
  informational(status: number, reason: string, headers: HeaderList): void;
  /** The backend did not answer `Expect` in time: the client is to be told to go on. */
  continueOverdue(): void;
  /** `headMs`: from the sending of the head. */
  head(head: ParsedHead, headMs: number): void;
  chunk(bytes: Buffer): void;
  end(trailers: HeaderList): void;
  upgraded(head: ParsedHead, socket: Socket, early: Buffer, headMs: number): void;
  failed(failure: AttemptFailure): void;
}

/** What is to be sent, over which pool, within which time limits (ms, 0: none). */
export interface AttemptPlan {
  readonly pool: Pool;
  readonly request: BackendRequestHead;
  /** null: chunked; 0: none. */
  readonly bodyLength: number | null;
  readonly upgrade: boolean;
  /** The client waits for 100 and has not got it yet. */
  readonly awaitsContinue: boolean;
  readonly fresh: boolean;
  readonly repeatable: boolean;
  readonly timeouts: { readonly connectMs: number; readonly responseMs: number; readonly idleMs: number };
  readonly now: () => number;
}

/** One sending of a request to one endpoint. */
export class Attempt implements AnswerReceiver {
  private connection: BackendConnection | null = null;
  private stopConnecting: (() => void) | null = null;
  private timer: NodeJS.Timeout | undefined;
  private sentAt = 0;
  private isBodyAttached = false;
  private isRequestSent = false;
  private hasHead = false;
  private isOver = false;
  private isPaused = false;
  private idleMs: number;
  private readonly plan: AttemptPlan;
  private readonly body: BodyRelay;
  private readonly events: AttemptEvents;

  constructor(plan: AttemptPlan, body: BodyRelay, events: AttemptEvents) {
    this.plan = plan;
    this.body = body;
    this.events = events;
    this.idleMs = plan.timeouts.idleMs;
  }

  start(): void {
    const { pool, fresh, repeatable, timeouts } = this.plan;
    const stop = pool.take(
      { fresh, repeatable, connectTimeoutMs: timeouts.connectMs },
      {
        taken: (connection) => this.send(connection),
        failed: (failure, message) =>
          this.fail({ failure, message, unsent: true, reused: false, answered: false }),
      },
    );
    if (this.connection === null) this.stopConnecting = stop;
  }

  /** Gives up at once: nothing of it is heard again. */
  cancel(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.body.detach();
    this.stopConnecting?.();
    this.connection?.destroy();
  }

  /** The client takes no more for now: the backend is read no further, and owes us nothing meanwhile. */
  pause(): void {
    this.isPaused = true;
    clearTimeout(this.timer);
    this.connection?.pause();
  }

  resume(): void {
    if (this.isOver) return;
    this.isPaused = false;
    this.watchIdle();
    this.connection?.resume();
  }

  /** An event stream may be silent for ever. */
  allowSilence(): void {
    this.idleMs = 0;
    clearTimeout(this.timer);
  }

  // The way up: the request.

  private send(connection: BackendConnection): void {
    this.connection = connection;
    this.stopConnecting = null;
    this.sentAt = this.plan.now();
    const { request, bodyLength, upgrade, awaitsContinue } = this.plan;
    const hasBody = bodyLength !== 0;
    connection.send(serialise(request), { method: request.method, upgrade, hasBody }, this);
    if (!hasBody) this.requestSent();
    else if (awaitsContinue) this.arm(CONTINUE_WAIT_MS, () => this.continueAnyway());
    else this.attachBody();
  }

  private continueAnyway(): void {
    this.events.continueOverdue();
    this.attachBody();
  }

  private attachBody(): void {
    if (this.isBodyAttached || this.isOver) return;
    this.isBodyAttached = true;
    clearTimeout(this.timer);
    this.body.attach(this.bodySink);
  }

  private readonly bodySink: BodySink = {
    chunk: (bytes) => this.writeBody(bytes),
    end: (trailers) => this.endBody(trailers),
  };

  private writeBody(bytes: Buffer): boolean {
    const connection = this.connection as BackendConnection;
    let accepted = true;
    if (this.plan.bodyLength !== null) accepted = connection.write(bytes);
    else if (bytes.length > 0) {
      connection.corked(() => {
        connection.write(`${bytes.length.toString(16)}\r\n`);
        connection.write(bytes);
        accepted = connection.write('\r\n');
      });
    }
    // A backend that takes no bytes is as silent as one that sends none.
    if (!accepted && !this.hasHead) this.armIdle();
    return accepted;
  }

  private endBody(trailers: HeaderList): void {
    if (this.plan.bodyLength === null) this.connection?.write(`0\r\n${serialiseFields(trailers)}\r\n`);
    this.requestSent();
  }

  private requestSent(): void {
    this.isRequestSent = true;
    const { responseMs } = this.plan.timeouts;
    if (!this.hasHead && responseMs > 0) this.arm(responseMs, () => this.timeOut('response_timeout'));
    else if (!this.hasHead) clearTimeout(this.timer);
    this.connection?.endRequest();
  }

  /** The backend takes more of the body. */
  writable(): void {
    if (this.isOver) return;
    if (!this.hasHead && !this.isRequestSent) clearTimeout(this.timer);
    this.body.resume();
  }

  // The way down: the answer.

  informational(status: number, reason: string, headers: HeaderList): void {
    if (this.isOver) return;
    this.events.informational(status, reason, headers);
    if (status === 100) this.attachBodyIfAwaited();
  }

  head(head: ParsedHead): void {
    if (this.isOver) return;
    this.hasHead = true;
    clearTimeout(this.timer);
    this.events.head(head, this.plan.now() - this.sentAt);
    this.watchIdle();
  }

  chunk(bytes: Buffer): void {
    if (this.isOver) return;
    this.timer?.refresh();
    this.events.chunk(bytes);
  }

  end(trailers: HeaderList): void {
    if (this.isOver) return;
    this.finish();
    this.events.end(trailers);
  }

  upgraded(head: ParsedHead, socket: Socket, early: Buffer): void {
    if (this.isOver) {
      socket.destroy();
      return;
    }
    this.finish();
    this.events.upgraded(head, socket, early, this.plan.now() - this.sentAt);
  }

  failed(failure: Failure, message: string, answered: boolean): void {
    const reused = (this.connection?.uses ?? 0) > 1;
    this.fail({ failure, message, unsent: false, reused, answered });
  }

  /** No more of the body is wanted: the answer is whole, or the attempt failed. */
  private finish(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.body.detach();
  }

  private fail(failure: AttemptFailure): void {
    if (this.isOver) return;
    this.finish();
    this.events.failed(failure);
  }

  private timeOut(failure: Failure): void {
    const connection = this.connection;
    const answered = this.hasHead;
    this.fail({ failure, message: `nothing came in time`, unsent: false, reused: false, answered });
    connection?.destroy();
  }

  private attachBodyIfAwaited(): void {
    if (this.plan.awaitsContinue && this.plan.bodyLength !== 0) this.attachBody();
  }

  private watchIdle(): void {
    if (this.hasHead && !this.isOver && !this.isPaused) this.armIdle();
  }

  private armIdle(): void {
    if (this.idleMs > 0) this.arm(this.idleMs, () => this.timeOut('idle_timeout'));
  }

  /** One timer at a time: the limits follow one another. */
  private arm(ms: number, expired: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(expired, ms);
  }
}

function serialise(request: BackendRequestHead): string {
  return `${request.method} ${request.path} HTTP/1.1\r\n${serialiseFields(request.headers)}\r\n`;
}

function serialiseFields(headers: HeaderList): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}
