import type { Socket } from 'node:net';
import type { Decision } from '../model/decision.ts';
import type { AnswerHead, ClientExchange } from '../model/exchange.ts';
import { type Failure, statusOf } from '../model/failure.ts';
import { firstValue, type HeaderList } from '../model/header-list.ts';
import type { Matched } from '../model/matched.ts';
import type { Outcome, Purpose } from '../model/outcome.ts';
import type { Endpoint } from '../model/ports.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';
import { affinityOf } from './affinity.ts';
import { Attempt, type AttemptFailure } from './attempt.ts';
import type { ParsedHead } from './backend/answer-parser.ts';
import { BodyRelay } from './body-relay.ts';
import type { ForwarderDeps } from './forwarder-deps.ts';
import { Hold } from './hold.ts';
import { passableTrailers } from './hop-by-hop.ts';
import { buildRequestHead, publicScheme } from './request-head.ts';
import type { ResendBudget } from './resend-budget.ts';
import {
  buildResponseHead,
  buildUpgradeHead,
  informationalFields,
  type ResponseHeadInput,
} from './response-head.ts';
import { Tunnel } from './tunnel.ts';

/**
 * One exchange with a backend, from the decision to the last byte:
 *
 *   place among max_in_flight ─▶ endpoint ─▶ attempt ─▶ answer relayed ─▶ outcome
 *                                   ▲          │ failed before any byte went to the client
 *                                   │          ├─ reused connection died unanswered ─▶ resend on a fresh one
 *                                   └──────────┼─ could not connect ─▶ another endpoint
 *                                              ├─ none left ─▶ hold, then again
 *                                              └─ else ─▶ the failure's status
 *
 * After the answer's head went out, a failure cuts the client's connection: a broken answer must look broken.
 */

/** Bodies up to this size can be sent again on a resend. */
const KEEP_FOR_RESEND_BYTES = 64 * 1024;

/** What one run is about. */
export interface RunInput {
  readonly exchange: ClientExchange;
  readonly matched: Matched;
  readonly decision: Extract<Decision, { kind: 'forward' }>;
  readonly trust: TrustedProxies;
  readonly requestId: string;
  readonly debug: boolean;
  /** Wall clock at its start, ms. */
  readonly time: number;
  readonly budget: ResendBudget;
}

export class ExchangeRun {
  private attempt: Attempt | null = null;
  private tunnel: Tunnel | null = null;
  private endpoint: Endpoint | null = null;
  private readonly tried: Endpoint[] = [];
  private attempts = 0;
  /** Of the attempt that has neither answered nor failed yet. */
  private pending: Purpose | null = null;
  /** The number of the attempt whose endpoint was left last: each is left once. */
  private hasLeft = 0;
  private hasHead = false;
  private hasFailed = false;
  private status = 0;
  private failure: Failure | null = null;
  private backendMs: number | null = null;
  private bytesOut = 0;
  private isEventStream = false;
  private isUpgraded = false;
  private isOver = false;
  private wasContinued = false;
  private giveBackPlace: (() => void) | null = null;
  private deadline: NodeJS.Timeout | undefined;
  private readonly isRepeatable: boolean;
  private readonly body: BodyRelay;
  private readonly hold: Hold;
  private readonly input: RunInput;
  private readonly deps: ForwarderDeps;
  private readonly onOver: (run: ExchangeRun) => void;

  constructor(input: RunInput, deps: ForwarderDeps, onOver: (run: ExchangeRun) => void) {
    this.input = input;
    this.deps = deps;
    this.onOver = onOver;
    const { exchange, decision } = input;
    const { policy } = decision.route;
    this.isRepeatable = policy.repeatable.includes(exchange.head.method);
    const keepBytes = this.isRepeatable ? KEEP_FOR_RESEND_BYTES : 0;
    this.body = new BodyRelay(exchange.body, { maxBody: policy.maxBody, keepBytes }, (failure) =>
      this.fail(failure),
    );
    this.hold = new Hold({
      holdMs: decision.backend.holdWhileDownMs,
      now: deps.now,
      onChange: (changed) => deps.endpoints.onChange(decision.backend, changed),
    });
  }

  get decision(): Extract<Decision, { kind: 'forward' }> {
    return this.input.decision;
  }

  /** It may go on for hours: an upgrade, or an event stream. */
  get isLongLived(): boolean {
    return this.isUpgraded || this.isEventStream;
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
    if (policy.deadlineMs > 0) this.deadline = setTimeout(() => this.fail('deadline'), policy.deadlineMs);
    this.input.budget.earn();
    this.giveBackPlace = this.deps.capacity.acquire(decision.backend, (admitted) => {
      if (this.isOver) return;
      if (admitted) this.tryNext('serve');
      else this.fail('over_capacity');
    });
    // It may all have been over before the place had a name.
    if (this.isOver) this.leavePlace();
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

  // Attempts.

  private tryNext(purpose: Purpose, fresh = false): void {
    const { decision, exchange, trust } = this.input;
    const affinity = affinityOf(decision.backend, exchange, trust);
    const endpoint = this.deps.endpoints.pick(decision.backend, affinity, this.tried);
    if (typeof endpoint === 'string') this.noEndpoint(endpoint);
    else this.tryEndpoint(endpoint, purpose, fresh);
  }

  private noEndpoint(failure: Failure): void {
    this.holdOrFail(this.failure ?? failure);
  }

  private tryEndpoint(endpoint: Endpoint, purpose: Purpose, fresh: boolean): void {
    const { decision, exchange } = this.input;
    const { backend, route } = decision;
    const own =
      decision.side === 'feature'
        ? route.policy.timeouts
        : { connectMs: null, responseMs: null, idleMs: null };
    this.endpoint = endpoint;
    this.attempts += 1;
    endpoint.inFlight += 1;
    const attempt = new Attempt(
      {
        pool: this.deps.pools.of(endpoint, backend),
        request: buildRequestHead(this.requestHeadInput(endpoint)),
        bodyLength: exchange.body.length,
        upgrade: exchange.upgrade !== null,
        awaitsContinue: exchange.expectsContinue && !this.wasContinued,
        fresh,
        repeatable: this.isRepeatable,
        timeouts: {
          connectMs: own.connectMs ?? backend.timeouts.connectMs,
          responseMs: own.responseMs ?? backend.timeouts.responseMs,
          idleMs: own.idleMs ?? backend.timeouts.idleMs,
        },
        now: this.deps.now,
      },
      this.body,
      {
        informational: (status, reason, headers) => this.informational(status, reason, headers),
        continueOverdue: () => this.informational(100, 'Continue', []),
        head: (head, headMs) => this.relayHead(head, headMs, purpose),
        chunk: (bytes) => this.relayChunk(bytes),
        end: (trailers) => this.relayEnd(trailers),
        upgraded: (head, socket, early, headMs) => this.openTunnel({ head, socket, early, headMs }, purpose),
        failed: (failure) => this.attemptFailed(failure, endpoint, purpose),
      },
    );
    this.attempt = attempt;
    this.pending = purpose;
    attempt.start();
  }

  private requestHeadInput(endpoint: Endpoint): Parameters<typeof buildRequestHead>[0] {
    const { exchange, decision, matched, trust, requestId } = this.input;
    const { head, traits, peer, upgrade, expectsContinue, body } = exchange;
    return {
      decision,
      matched,
      head,
      traits,
      peer,
      trust,
      requestId,
      upgrade,
      expectsContinue,
      bodyLength: body.length,
      url: endpoint,
    };
  }

  private attemptFailed(failed: AttemptFailure, endpoint: Endpoint, purpose: Purpose): void {
    this.leaveEndpoint();
    if (this.hasHead) {
      this.fail(failed.failure);
      return;
    }
    this.attempted(purpose, failed.failure, null);
    if (this.mayResend(failed)) {
      this.tryNext('resend', true);
      return;
    }
    if (!failed.unsent) {
      this.fail(failed.failure);
      return;
    }
    this.deps.endpoints.connectFailed(endpoint);
    this.tried.push(endpoint);
    this.failure = failed.failure;
    this.tryNext(purpose);
  }

  /** A reused connection that was closed before any byte of an answer: the backend had most likely let it go. */
  private mayResend(failed: AttemptFailure): boolean {
    const isStale = failed.reused && !failed.answered && failed.failure === 'reset';
    return isStale && this.isRepeatable && this.body.isReplayable && this.input.budget.spend();
  }

  private holdOrFail(failure: Failure): void {
    const reported = this.hold.holdOrFail(failure, () => {
      this.tried.length = 0;
      this.tryNext('serve');
    });
    if (reported !== null) this.fail(reported);
  }

  // The answer.

  private informational(status: number, reason: string, headers: HeaderList): void {
    if (status === 100) {
      if (this.wasContinued) return;
      this.wasContinued = this.input.exchange.expectsContinue;
    }
    this.input.exchange.answer.informational(status, reason, informationalFields(headers));
  }

  private relayHead(head: ParsedHead, headMs: number, purpose: Purpose): void {
    this.attempted(purpose, head.status, headMs);
    this.begin(head, headMs);
    this.isEventStream = isEndless(head.headers);
    if (this.isEventStream) this.attempt?.allowSilence();
    this.input.exchange.answer.head(buildResponseHead(head, this.responseHeadInput()));
  }

  private begin(head: ParsedHead, headMs: number): void {
    this.hasHead = true;
    this.status = head.status;
    this.failure = null;
    this.backendMs = headMs;
    // The deadline is for an answer to begin: a download or a stream may take as long as it does.
    clearTimeout(this.deadline);
    this.body.stopKeeping();
  }

  private relayChunk(bytes: Buffer): void {
    this.bytesOut += bytes.length;
    if (!this.input.exchange.answer.chunk(bytes)) this.attempt?.pause();
  }

  private relayEnd(trailers: HeaderList): void {
    this.leaveEndpoint();
    this.attempt = null;
    this.input.exchange.answer.end(passableTrailers(trailers));
  }

  private openTunnel(
    answer: { head: ParsedHead; socket: Socket; early: Buffer; headMs: number },
    purpose: Purpose,
  ): void {
    this.attempted(purpose, 101, answer.headMs);
    this.begin(answer.head, answer.headMs);
    this.isUpgraded = true;
    this.attempt = null;
    this.deps.observer.upgraded(this.decision);
    const head: AnswerHead = buildUpgradeHead(answer.head, this.responseHeadInput());
    const client = this.input.exchange.answer.switchProtocols(head);
    this.tunnel = new Tunnel(
      client,
      { socket: answer.socket, early: answer.early },
      {
        isWebSocket: firstValue(answer.head.headers, 'upgrade')?.toLowerCase() === 'websocket',
        onClose: () => {
          this.leaveEndpoint();
          this.finish();
        },
      },
    );
    this.tunnel.start();
  }

  private responseHeadInput(): ResponseHeadInput {
    const { decision, matched, exchange, trust, debug } = this.input;
    const scheme = publicScheme(exchange, trust.contains(exchange.peer.address));
    return { decision, matched, requestHeaders: exchange.head.headers, publicScheme: scheme, debug };
  }

  // The end.

  /** Ends it with a failure: as an answer if none was begun, else by cutting the client's connection. */
  private fail(failure: Failure): void {
    if (this.isOver) return;
    if (this.hasFailed) {
      // The problem is on its way; the client did not wait for it.
      this.finish();
      return;
    }
    this.hasFailed = true;
    this.failure = failure;
    if (this.pending !== null) this.attempted(this.pending, failure, null);
    this.stopWork();
    if (failure === 'client_closed') {
      this.status = statusOf(failure);
      this.finish();
    } else if (this.hasHead) {
      if (!this.isUpgraded) this.input.exchange.answer.cut();
      this.finish();
    } else {
      this.status = statusOf(failure);
      this.bytesOut += this.input.exchange.answer.fail(failure, this.input.requestId);
    }
  }

  private stopWork(): void {
    clearTimeout(this.deadline);
    this.hold.cancel();
    this.attempt?.cancel();
    this.attempt = null;
    this.tunnel?.destroy();
    this.leaveEndpoint();
    this.leavePlace();
  }

  private leaveEndpoint(): void {
    if (this.endpoint === null || this.hasLeft === this.attempts) return;
    this.hasLeft = this.attempts;
    this.endpoint.inFlight -= 1;
  }

  private leavePlace(): void {
    this.giveBackPlace?.();
    this.giveBackPlace = null;
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
    this.deps.observer.finished(this.outcome());
    this.onOver(this);
  }

  private outcome(): Outcome {
    const { exchange, decision, requestId, time } = this.input;
    return {
      requestId,
      time,
      head: exchange.head,
      peer: exchange.peer,
      decision,
      status: this.status,
      failure: this.failure,
      backend: decision.backend.name,
      endpoint: this.endpoint === null ? null : `${this.endpoint.address}:${this.endpoint.port}`,
      attempts: this.attempts,
      durationMs: this.deps.now() - exchange.startedAt,
      backendMs: this.backendMs,
      bytesIn: this.body.bytes + (this.tunnel?.bytesIn ?? 0),
      bytesOut: this.bytesOut + (this.tunnel?.bytesOut ?? 0),
      upgraded: this.isUpgraded,
      eventStream: this.isEventStream,
    };
  }
}

/** Answers that may be silent for as long as they like: their idle limit is 0 (design section 3, defaults). */
function isEndless(headers: HeaderList): boolean {
  const type = firstValue(headers, 'content-type')?.toLowerCase() ?? '';
  return /^(?:text\/event-stream|application\/(?:grpc|x-ndjson|ndjson))/.test(type);
}
