import type { ForwardDecision } from '../model/decision.ts';
import { type Failure, statusOf } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { Purpose } from '../model/outcome.ts';
import type { Endpoint, NoEndpoint } from '../model/ports.ts';
import { affinityOf } from './affinity.ts';
import { AnswerRelay } from './answer-relay.ts';
import { Attempt } from './attempt.ts';
import { type AttemptEvents, type AttemptFailure, isUnanswered, type UpgradedEnd } from './attempt-events.ts';
import { type AttemptPlan, planOf } from './attempt-plan.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import { BodyRelay } from './body-relay.ts';
import { EndpointUse } from './endpoint-use.ts';
import { ExchangeRecord } from './exchange-record.ts';
import type { RunDeps } from './forwarder-deps.ts';
import { Hold } from './hold.ts';
import { debugFields } from './response-head.ts';
import type { RunInput, RunListener } from './run-input.ts';
import type { Listed } from './run-list.ts';
import type { Tunnel } from './tunnel.ts';

/**
 * One exchange with a backend, from the decision to the last byte:
 *
 *   place among max_in_flight ─▶ endpoint ─▶ attempt ─▶ answer relayed ─▶ outcome
 *                                   ▲          │ failed before any byte went to the client
 *                                   │          ├─ reused connection died unanswered ─▶ resend on a fresh one
 *                                   └──────────┼─ could not connect, or a fresh one died ─▶ another endpoint
 *                                              ├─ none left ─▶ hold, then again
 *                                              └─ else ─▶ the failure's status
 * After the answer's head went out, a failure cuts the client's connection: a broken answer must look broken.
 */

/** Bodies up to this size can be sent again on a resend. */
const KEEP_FOR_RESEND_BYTES = 64 * 1024;

/** One exchange while it runs. It tells once when it is over. */
export class ExchangeRun implements AttemptEvents, Listed {
  place = -1;
  private attempt: Attempt | null = null;
  private tunnel: Tunnel | null = null;
  private readonly tried: Endpoint[] = [];
  private readonly use = new EndpointUse();
  private readonly record: ExchangeRecord;
  private readonly answer: AnswerRelay;
  /** Of the attempt that has neither answered nor failed yet. */
  private pending: Purpose | null = null;
  private hasFailed = false;
  private isOver = false;
  private giveBackPlace: (() => void) | null = null;
  private deadline: NodeJS.Timeout | undefined;
  private readonly isRepeatable: boolean;
  private readonly body: BodyRelay;
  private readonly hold: Hold;
  private readonly input: RunInput;
  private readonly deps: RunDeps;
  private readonly listener: RunListener<ExchangeRun>;

  constructor(input: RunInput, deps: RunDeps, listener: RunListener<ExchangeRun>) {
    this.input = input;
    this.deps = deps;
    this.listener = listener;
    this.record = new ExchangeRecord(input);
    this.answer = new AnswerRelay(input, this.record);
    const { exchange, decision } = input;
    const { policy } = decision.route;
    this.isRepeatable = policy.repeatable.includes(exchange.head.method);
    const keepBytes = this.isRepeatable ? KEEP_FOR_RESEND_BYTES : 0;
    this.body = new BodyRelay(exchange.body, { maxBody: policy.maxBody, keepBytes }, (failure) =>
      this.fail(failure),
    );
    this.hold = new Hold(input.line, decision.backend.holdWhileDownMs);
  }

  get decision(): ForwardDecision {
    return this.input.decision;
  }

  /** It may go on for hours: an upgrade, or an event stream. */
  get isLongLived(): boolean {
    return this.record.isUpgraded || this.record.isEventStream;
  }

  /** What it is by now. */
  get kind(): 'requests' | 'streams' | 'upgrades' {
    if (this.record.isUpgraded) return 'upgrades';
    return this.record.isEventStream ? 'streams' : 'requests';
  }

  start(): void {
    const { exchange, decision } = this.input;
    const { policy } = decision.route;
    exchange.onClientGone = () => this.fail('client_closed');
    exchange.answer.onDrain = () => this.attempt?.resume();
    exchange.answer.onFinish = () => this.finish();
    if (policy.maxBody !== null && (exchange.body.length ?? 0) > policy.maxBody) {
      this.fail('body_too_large');
      return;
    }
    const deadlineMs = decision.fallback?.deadlineMs ?? policy.deadlineMs ?? 0;
    if (deadlineMs > 0) this.deadline = setTimeout(() => this.fail('deadline'), deadlineMs);
    this.input.budget.earn();
    this.giveBackPlace = this.deps.capacity.acquire(decision.backend, (admitted) => {
      if (this.isOver) return;
      if (admitted) this.tryNext('serve');
      else this.fail('over_capacity');
    });
    // It may all have been over before the place had a name.
    if (this.isOver) this.giveBackPlace();
  }

  /** WebSockets get Close 1001 at a frame boundary; anything else goes on. */
  sayGoodbye(): void {
    this.tunnel?.goAway();
  }

  /** Ends what may go on for hours: WebSockets with a goodbye, other upgrades and streams by a cut. */
  endLongLived(): void {
    if (this.tunnel?.isWebSocket) this.tunnel.goAway();
    else if (this.isLongLived) this.fail('draining');
  }

  /** Cuts it, whatever it is doing. */
  abort(): void {
    this.fail('draining');
  }

  private tryNext(purpose: Purpose, fresh = false): void {
    const endpoint = this.pick();
    if (typeof endpoint === 'string') this.wait(this.record.failure ?? endpoint);
    else this.tryEndpoint(endpoint, purpose, fresh);
  }

  private pick(): Endpoint | NoEndpoint {
    const { decision, exchange, trust } = this.input;
    const affinity = affinityOf(decision.backend, exchange, trust);
    return this.deps.endpoints.pick(decision.backend, affinity, this.tried);
  }

  private tryEndpoint(endpoint: Endpoint, purpose: Purpose, fresh: boolean): void {
    this.use.take(endpoint);
    this.record.attempts += 1;
    const pool = this.deps.pools.of(endpoint, this.decision.backend);
    const awaitsContinue = this.input.exchange.expectsContinue && !this.answer.wasContinued;
    const choice = { purpose, endpoint, pool, awaitsContinue, fresh, repeatable: this.isRepeatable };
    const plan = planOf(this.input, choice, this.deps.forwarded);
    this.attempt = new Attempt(plan, this.body, this, this.deps);
    this.pending = purpose;
    this.attempt.start();
  }

  // What the attempt in force tells.

  informational(status: number, reason: string, headers: HeaderList): void {
    this.answer.informational(status, reason, headers);
  }

  readBegins(): void {
    this.input.exchange.answer.cork();
  }

  readEnds(): void {
    this.input.exchange.answer.uncork();
  }

  head(head: ParsedHead, headMs: number, { purpose }: AttemptPlan): void {
    this.answerBegan(purpose, head.status, headMs);
    this.answer.head(head, headMs);
    if (this.record.isEventStream) this.attempt?.allowSilence();
  }

  chunk(bytes: Buffer): void {
    if (!this.answer.chunk(bytes)) this.attempt?.pause();
  }

  end(trailers: HeaderList): void {
    this.use.leave();
    this.attempt = null;
    this.answer.end(trailers);
  }

  upgraded(head: ParsedHead, { socket, early, headMs }: UpgradedEnd, { purpose }: AttemptPlan): void {
    this.answerBegan(purpose, head.status, headMs);
    this.attempt = null;
    this.deps.observer.upgraded(this.decision);
    this.tunnel = this.answer.switchProtocols({ head, socket, early }, headMs, () => {
      this.use.leave();
      this.finish();
    });
    this.tunnel.start();
    this.listener.upgraded(this);
  }

  failed(failed: AttemptFailure, { endpoint, purpose }: AttemptPlan): void {
    this.use.failed(failed);
    this.deps.onFailedAttempt(this.record.failedAttempt(failed, endpoint));
    if (this.answer.hasBegun) {
      this.fail(failed.failure);
      return;
    }
    this.attempted(purpose, failed.failure, null);
    if (this.mayResend(failed, endpoint)) {
      this.tryNext('resend', true);
      return;
    }
    if (!failed.unsent) {
      this.fail(failed.failure);
      return;
    }
    this.deps.endpoints.connectFailed(endpoint, failed.failure);
    this.tried.push(endpoint);
    this.record.failure = failed.failure;
    this.tryNext(purpose);
  }

  private mayResend(failed: AttemptFailure, endpoint: Endpoint): boolean {
    if (!this.isRepeatable || !this.body.isReplayable || !isUnanswered(failed)) return false;
    if (!failed.reused) {
      // A fresh connection was broken by an endpoint that may be going away: only another one is asked.
      this.tried.push(endpoint);
      if (typeof this.pick() === 'string') return false;
    }
    return this.input.budget.spend();
  }

  private wait(failure: Failure): void {
    this.hold.wait(failure, this.deps.now(), {
      retry: () => {
        this.tried.length = 0;
        this.tryNext('serve');
      },
      expired: (reported) => this.fail(reported),
    });
  }

  private answerBegan(purpose: Purpose, status: number, headMs: number): void {
    this.use.answered(status);
    this.attempted(purpose, status, headMs);
    // The deadline is for an answer to begin: a download or a stream may take as long as it does.
    clearTimeout(this.deadline);
    this.body.stopKeeping();
  }

  /** Ends it with a failure: as an answer if none was begun, else by cutting the client's connection. */
  private fail(failure: Failure): void {
    if (this.isOver) return;
    if (this.hasFailed) {
      // The problem is on its way; the client did not wait for it.
      this.finish();
      return;
    }
    this.hasFailed = true;
    this.record.failure = failure;
    if (this.pending !== null) this.attempted(this.pending, failure, null);
    this.stopWork();
    if (failure === 'client_closed') {
      this.record.status = statusOf(failure);
      this.finish();
    } else if (this.answer.hasBegun) {
      if (!this.record.isUpgraded) this.input.exchange.answer.cut();
      this.finish();
    } else {
      this.record.status = statusOf(failure);
      const { exchange, requestId, debug, decision } = this.input;
      this.record.bytesOut += exchange.answer.fail(failure, requestId, debug ? debugFields(decision) : []);
    }
  }

  private stopWork(): void {
    clearTimeout(this.deadline);
    this.hold.cancel();
    this.attempt?.cancel();
    this.attempt = null;
    this.tunnel?.destroy();
    this.use.leave();
    this.giveBackPlace?.();
  }

  private attempted(purpose: Purpose, result: number | Failure, headMs: number | null): void {
    this.pending = null;
    const { route, backend } = this.decision;
    this.deps.observer.attempted({ route, backend, purpose, result, headMs });
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopWork();
    const { bytes } = this.body;
    this.deps.observer.finished(
      this.record.outcome(this.deps.now(), {
        endpoint: this.use.last,
        bytesIn: bytes + (this.tunnel?.bytesIn ?? 0),
        tunnelBytesOut: this.tunnel?.bytesOut ?? 0,
      }),
    );
    this.listener.over(this);
  }
}
