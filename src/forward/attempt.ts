import type { Socket } from 'node:net';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { AttemptEvents, AttemptFailure } from './attempt-events.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { AnswerReceiver, Carrier, Refusal } from './backend/carrier.ts';
import type { ConnectionTaker } from './backend/connection-pool.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import type { BodyRelay, BodySink } from './body-relay.ts';
import { DISCARDED_MS, DiscardedAnswer } from './discarded-answer.ts';
import { type Limited, NEVER, type TimeLimits } from './time-limits.ts';

/**
 * One sending of a request to one endpoint, with its time limits:
 *
 *   connect ─▶ head sent ─▶ (100?) ─▶ body … ─▶ last byte ─▶ answer's head ─▶ chunks … ─▶ end
 *   └ connect ┘                      └ idle: it takes nothing    └ response ┘  └ idle: between bytes
 *
 * Nothing here decides what follows a failure: that is the exchange's affair. One object plays all the parts that an
 * attempt has (it waits for a connection, takes the answer, sends the body, has a time limit), since one is made for
 * every request: as objects of closures they took more time than what they do.
 */

/** How long a client that sent `Expect: 100-continue` waits for the backend's word before it gets the router's. */
const CONTINUE_WAIT_MS = 1_000;

/** What attempts share. */
export interface AttemptDeps {
  readonly now: () => number;
  readonly limits: TimeLimits;
}

/** One sending of a request to one endpoint. */
export class Attempt implements AnswerReceiver, ConnectionTaker, BodySink, Limited {
  place = -1;
  dueAt = NEVER;
  isOver = false;
  private waitsFor: 'continue' | 'response' | 'idle' = 'response';
  private connection: Carrier | null = null;
  private sentAt = 0;
  private isBodyAttached = false;
  private isRequestSent = false;
  private hasHead = false;
  private isPaused = false;
  private idleMs: number;
  private readonly plan: AttemptPlan;
  private readonly body: BodyRelay;
  private events: AttemptEvents;
  private readonly deps: AttemptDeps;

  constructor(plan: AttemptPlan, body: BodyRelay, events: AttemptEvents, deps: AttemptDeps) {
    this.plan = plan;
    this.body = body;
    this.events = events;
    this.deps = deps;
    this.idleMs = plan.timeouts.idleMs;
  }

  start(): void {
    this.plan.pool.take(this);
  }

  /** Gives up at once: nothing of it is heard again. */
  cancel(): void {
    if (this.isOver) return;
    this.finish();
    if (this.connection === null) this.plan.pool.giveUp(this);
    else this.connection.destroy();
  }

  /** Nobody wants the rest of the answer whose head is being told: it is read apart, if it is short, or cut off. */
  discard(): void {
    if (!this.isRequestSent) {
      this.cancel();
      return;
    }
    this.body.detach(this);
    this.events.readEnds();
    this.events = new DiscardedAnswer(this.deps.now, () => this.cancel());
    this.idleMs = DISCARDED_MS;
  }

  /** The client takes no more for now: the backend is read no further, and owes us nothing meanwhile. */
  pause(): void {
    this.isPaused = true;
    this.deps.limits.lift(this);
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
    this.deps.limits.lift(this);
  }

  // Waiting for a connection.

  get fresh(): boolean {
    return this.plan.fresh;
  }

  get repeatable(): boolean {
    return this.plan.repeatable;
  }

  get connectTimeoutMs(): number {
    return this.plan.timeouts.connectMs;
  }

  taken(connection: Carrier): void {
    this.connection = connection;
    this.sentAt = this.deps.now();
    const { bodyLength, awaitsContinue } = this.plan;
    connection.send(this.plan, this);
    if (bodyLength === 0) this.requestSent();
    else if (awaitsContinue) this.limit('continue', CONTINUE_WAIT_MS);
    else this.attachBody();
  }

  notTaken(failure: Failure, message: string): void {
    this.fail({ failure, message, unsent: true, refused: null, reused: false, answered: false });
  }

  // The way up: the request.

  private attachBody(): void {
    if (this.isBodyAttached || this.isOver) return;
    this.isBodyAttached = true;
    this.deps.limits.lift(this);
    this.body.attach(this);
  }

  bodyChunk(bytes: Buffer): boolean {
    const accepted = (this.connection as Carrier).bodyChunk(bytes);
    // A backend that takes no bytes is as silent as one that sends none.
    if (!accepted && !this.hasHead) this.watch('idle', this.idleMs);
    return accepted;
  }

  bodyEnd(trailers: HeaderList): void {
    this.connection?.bodyEnd(trailers);
    this.requestSent();
  }

  private requestSent(): void {
    this.isRequestSent = true;
    if (!this.hasHead) this.watch('response', this.plan.timeouts.responseMs);
  }

  /** The backend takes more of the body. */
  writable(): void {
    // With the request sent, the body may be another attempt's by now.
    if (this.isOver || this.isRequestSent) return;
    if (!this.hasHead) this.deps.limits.lift(this);
    this.body.resume();
  }

  // The way down: the answer.

  readBegins(): void {
    this.events.readBegins();
  }

  readEnds(): void {
    // Not at each chunk: the end of a short answer comes with its head.
    this.watchIdle();
    this.events.readEnds();
  }

  informational(status: number, reason: string, headers: HeaderList): void {
    if (this.isOver) return;
    this.events.informational(status, reason, headers);
    if (status === 100 && this.plan.awaitsContinue && this.plan.bodyLength !== 0) this.attachBody();
  }

  head(head: ParsedHead): void {
    if (this.isOver) return;
    this.hasHead = true;
    this.deps.limits.lift(this);
    this.events.head(head, this.deps.now() - this.sentAt, this.plan);
  }

  chunk(bytes: Buffer): void {
    if (this.isOver) return;
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
    this.events.upgraded(head, { socket, early, headMs: this.deps.now() - this.sentAt }, this.plan);
  }

  failed(failure: Failure, message: string, answered: boolean): void {
    const reused = (this.connection?.uses ?? 0) > 1;
    this.fail({ failure, message, unsent: false, refused: null, reused, answered });
  }

  refused(how: Refusal, message: string): void {
    const reused = (this.connection?.uses ?? 0) > 1;
    this.fail({ failure: 'reset', message, unsent: false, refused: how, reused, answered: false });
  }

  /** No more of the body is wanted: the answer is whole, or the attempt failed. */
  private finish(): void {
    this.isOver = true;
    this.deps.limits.forget(this);
    this.body.detach(this);
  }

  private fail(failure: AttemptFailure): void {
    if (this.isOver) return;
    this.finish();
    this.events.failed(failure, this.plan);
  }

  // Time limits: one at a time, since they follow one another.

  /** For TimeLimits: its time is up. */
  expire(): void {
    if (this.waitsFor === 'continue') {
      this.events.informational(100, 'Continue', []);
      this.attachBody();
      return;
    }
    const failure = this.waitsFor === 'idle' ? 'idle_timeout' : 'response_timeout';
    const { connection, hasHead } = this;
    const message = 'nothing came in time';
    this.fail({ failure, message, unsent: false, refused: null, reused: false, answered: hasHead });
    connection?.destroy();
  }

  private watchIdle(): void {
    if (this.hasHead && !this.isOver && !this.isPaused) this.watch('idle', this.idleMs);
  }

  private watch(what: 'response' | 'idle', ms: number): void {
    if (ms > 0) this.limit(what, ms);
    else this.deps.limits.lift(this);
  }

  private limit(what: 'continue' | 'response' | 'idle', ms: number): void {
    this.waitsFor = what;
    this.deps.limits.set(this, ms);
  }
}
