import type { ForwardDecision } from '../model/decision.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { Purpose } from '../model/outcome.ts';
import type { Endpoint, NoEndpoint } from '../model/ports.ts';
import { affinityOf } from './affinity.ts';
import { AnswerRelay } from './answer-relay.ts';
import { Attempt } from './attempt.ts';
import { type AttemptEvents, type AttemptFailure, isUnanswered, type UpgradedEnd } from './attempt-events.ts';
import { type AttemptPlan, planOf } from './attempt-plan.ts';
import type { Refusal } from './backend/carrier.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import { BodyRelay } from './body-relay.ts';
import { EndpointUse } from './endpoint-use.ts';
import { ExchangeRecord } from './exchange-record.ts';
import type { RunDeps } from './forwarder-deps.ts';
import { type AfterHold, Hold } from './hold.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { OtherSide, type SideSwitch } from './other-side.ts';
import { isCopy } from './request-head.ts';
import type { RunInput } from './run-input.ts';

/**
 * Asking the side that was decided on, attempt after attempt:
 *
 *   endpoint ─▶ attempt ─▶ answer
 *      ▲          │ failed before any byte went to the client
 *      │          ├─ reused connection died unanswered ─▶ resend on a fresh one
 *      └──────────┼─ could not connect, or a fresh one died ─▶ another endpoint
 *                 ├─ the other side may be asked ─▶ all of this there (other-side.ts)
 *                 ├─ no endpoint left ─▶ hold, then again
 *                 └─ else ─▶ the failure
 *
 * The lower half of an exchange's run: one object with it, since one is made for every request.
 */

/** Bodies up to this size can be sent again on a resend. */
const KEEP_FOR_RESEND_BYTES = 64 * 1024;

/** A request that was handed back is sent again so often; after that somebody else may answer it. */
const MOST_REFUSALS = 2;

/** The side that an exchange asks, and how far it has come with it. */
export abstract class AskedSide implements AttemptEvents, SideSwitch {
  readonly record: ExchangeRecord;
  protected attempt: Attempt | null = null;
  protected readonly use = new EndpointUse();
  protected readonly answer: AnswerRelay;
  protected readonly body: BodyRelay;
  protected giveBackPlace: (() => void) | null = null;
  /** Of the attempt that has neither answered nor failed yet. */
  protected pending: Purpose | null = null;
  /** null for all that have but one side. */
  protected readonly otherSide: OtherSide | null;
  /** Of the side that is asked now. */
  protected input: RunInput;
  protected readonly deps: RunDeps;
  private readonly tried: Endpoint[] = [];
  private readonly isRepeatable: boolean;
  /** How often the backend handed the request back without having begun with it. */
  private refusals = 0;
  /** The last attempt cannot have done anything: it was handed back. */
  private wasRefused = false;
  private hold: Hold;
  /** What the attempts of this side are for. */
  private purpose: Purpose;

  constructor(input: RunInput, deps: RunDeps) {
    this.input = input;
    this.deps = deps;
    this.record = new ExchangeRecord(input);
    this.answer = new AnswerRelay(input, this.record);
    const { exchange, decision } = input;
    const { policy } = decision.route;
    this.isRepeatable = policy.repeatable.includes(exchange.head.method);
    const hasOther = decision.fallback !== null || decision.either !== null;
    this.otherSide = hasOther ? new OtherSide(this, this.record, deps) : null;
    const keepForFallback = decision.fallback === null ? 0 : decision.fallback.maxBody;
    // Over HTTP/2 a backend may hand back any request.
    const mayResend = this.isRepeatable || decision.backend.http2;
    const keepBytes = Math.max(mayResend ? KEEP_FOR_RESEND_BYTES : 0, keepForFallback);
    const limits = { maxBody: policy.maxBody, keepBytes, heldBytes: deps.heldBytes };
    this.body = new BodyRelay(exchange.body, limits, (failure) => this.fail(failure));
    this.purpose = decision.copy ?? 'serve';
    // Nobody waits for a copy: another one will tell.
    this.hold = new Hold(input.line, isCopy(decision) ? 0 : decision.backend.holdWhileDownMs);
  }

  abstract relay(kept: KeptAnswer): void;
  abstract head(head: ParsedHead, headMs: number): void;
  abstract chunk(bytes: Buffer): void;
  abstract end(trailers: HeaderList): void;
  abstract upgraded(head: ParsedHead, end: UpgradedEnd): void;
  /** Ends it with a failure: as an answer if none was begun, else by cutting the client's connection. */
  abstract fail(failure: Failure): void;

  /** Of the side that is asked now. */
  get decision(): ForwardDecision {
    return this.input.decision;
  }

  /** Sends the request to an endpoint of this side. */
  ask(): void {
    this.tryNext(this.purpose);
  }

  private tryNext(purpose: Purpose, fresh = false): void {
    const endpoint = this.pick();
    if (typeof endpoint === 'string') this.wait(this.record.failure ?? endpoint);
    else this.tryPicked(endpoint, purpose, fresh);
  }

  private tryPicked(endpoint: Endpoint, purpose: Purpose, fresh: boolean): void {
    if (endpoint.isRefusing && this.otherSide?.fallsBackFromRefusing() === true) leaveUnused(endpoint);
    else this.tryEndpoint(endpoint, purpose, fresh);
  }

  private pick(): Endpoint | NoEndpoint {
    const { decision, exchange, trust } = this.input;
    const affinity = affinityOf(decision.backend, exchange, trust);
    return this.deps.endpoints.pick(decision.backend, affinity, this.tried);
  }

  private tryEndpoint(endpoint: Endpoint, purpose: Purpose, fresh: boolean): void {
    this.use.take(endpoint);
    this.wasRefused = false;
    this.record.attempts += 1;
    const plan = planOf(
      this.input,
      {
        purpose,
        endpoint,
        pool: this.deps.pools.of(endpoint, this.decision.backend),
        awaitsContinue: this.input.exchange.expectsContinue && !this.answer.wasContinued,
        fresh,
        repeatable: this.isRepeatable,
      },
      this.deps.forwarded,
    );
    this.attempt = new Attempt(plan, this.body, this, this.deps);
    this.pending = purpose;
    this.attempt.start();
  }

  informational(status: number, reason: string, headers: HeaderList): void {
    this.answer.informational(status, reason, headers);
  }

  readBegins(): void {
    this.input.exchange.answer.cork();
  }

  readEnds(): void {
    this.input.exchange.answer.uncork();
  }

  failed(failed: AttemptFailure, { endpoint, purpose }: AttemptPlan): void {
    this.use.failed(failed);
    this.deps.onFailedAttempt(this.record.failedAttempt(failed, endpoint));
    if (this.answer.hasBegun) {
      this.giveUp(failed.failure);
      return;
    }
    if (this.pending !== null) this.attempted(purpose, failed.failure, null);
    if (this.resends(failed, endpoint)) return;
    this.wasRefused = failed.refused !== null;
    if (!failed.unsent) {
      this.brokenOff(failed);
      return;
    }
    this.deps.endpoints.connectFailed(endpoint, failed.failure, failed.message);
    this.tried.push(endpoint);
    this.record.failure = failed.failure;
    this.tryNext(purpose);
  }

  private get purposeAgain(): Purpose {
    return this.purpose === 'serve' ? 'resend' : this.purpose;
  }

  private mayRunAgain(failed: AttemptFailure): boolean {
    return this.isRepeatable && this.body.isReplayable && isUnanswered(failed);
  }

  /** What goes away with its connection costs the backend nothing, so that no budget is needed for it. */
  private mayResendRefused(how: Refusal): boolean {
    if (!this.body.isReplayable || ++this.refusals > MOST_REFUSALS) return false;
    return how === 'leaving' || this.input.budget.spend();
  }

  /** Sends it again, if it may be. False: it may not. */
  private resends(failed: AttemptFailure, endpoint: Endpoint): boolean {
    if (failed.refused !== null) {
      if (!this.mayResendRefused(failed.refused)) return false;
      this.tryNext(this.purposeAgain);
      return true;
    }
    if (!this.mayRunAgain(failed)) return false;
    if (!failed.reused) return this.resendsElsewhere(endpoint);
    if (!this.input.budget.spend()) return false;
    this.tryNext(this.purposeAgain, true);
    return true;
  }

  /** A fresh connection was broken by an endpoint that may be going away: only another one is asked. */
  private resendsElsewhere(broken: Endpoint): boolean {
    this.tried.push(broken);
    const endpoint = this.pick();
    if (typeof endpoint === 'string') return false;
    if (!this.input.budget.spend()) {
      leaveUnused(endpoint);
      return false;
    }
    this.tryPicked(endpoint, this.purposeAgain, true);
    return true;
  }

  /** No other endpoint could take it. A container that is killed breaks connections before it refuses them. */
  private brokenOff(failed: AttemptFailure): void {
    if (this.otherSide?.fallsBack(failed.failure)) return;
    // Of the budget this takes nothing: it comes after a wait, and but once.
    const mayWait = this.mayRunAgain(failed);
    if (mayWait && this.hold.takesBroken(this.deps.now(), this.afterHold(this.purposeAgain, true))) return;
    this.fail(failed.failure);
  }

  private giveUp(failure: Failure): void {
    if (!this.otherSide?.fallsBack(failure)) this.fail(failure);
  }

  private wait(failure: Failure): void {
    if (this.otherSide?.fallsBack(failure)) return;
    this.hold.wait(failure, this.deps.now(), this.afterHold(this.purpose, false));
  }

  private afterHold(purpose: Purpose, fresh: boolean): AfterHold {
    return {
      retry: () => {
        this.tried.length = 0;
        this.tryNext(purpose, fresh);
      },
      expired: (reported) => this.fail(reported),
    };
  }

  protected attempted(purpose: Purpose, result: number | Failure, headMs: number | null): void {
    this.pending = null;
    const { route, backend } = this.decision;
    this.deps.observer.attempted({ route, backend, purpose, result, headMs });
  }

  /** The head of an answer came, whoever gets it. */
  answered(status: number, headMs: number): void {
    this.use.answered(status);
    if (this.pending !== null) this.attempted(this.pending, status, headMs);
  }

  /** Nobody wants the answer whose head is being told. */
  discard(): void {
    this.attempt?.discard();
    this.attempt = null;
  }

  /** From here on everything is about this decision. */
  turnTo(decision: ForwardDecision, purpose: Purpose): void {
    this.input.exchange.otherSideAsked?.();
    this.letGo();
    this.tried.length = 0;
    this.input = { ...this.input, decision, ...this.deps.waysOf(decision.backend) };
    this.hold = new Hold(this.input.line, decision.backend.holdWhileDownMs);
    this.answer.turnTo(this.input);
    this.record.turnTo(decision);
    this.purpose = purpose;
    this.input.budget.earn();
  }

  /** What a fallback depends on. */
  standing(): ReturnType<SideSwitch['standing']> {
    const { body, answer } = this;
    const { bytes: bytesRead, isReplayable } = body;
    const isRepeatable = this.isRepeatable || this.wasRefused;
    return { hasBegun: answer.hasBegun, isRepeatable, bytesRead, isReplayable };
  }

  /** Nothing more is heard of this side. */
  protected letGo(): void {
    this.hold.cancel();
    this.attempt?.cancel();
    this.attempt = null;
    this.use.leave();
    this.giveBackPlace?.();
  }
}

/** It was picked, and nothing is sent to it after all: what its breaker let through as a trial is none. */
function leaveUnused(endpoint: Endpoint): void {
  endpoint.abandoned(endpoint.epoch);
}
