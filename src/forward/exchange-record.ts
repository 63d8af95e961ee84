import type { ForwardDecision } from '../model/decision.ts';
import type { Failure } from '../model/failure.ts';
import type { EitherResult, FallbackWord, SkipReason } from '../model/fallback.ts';
import { formatAddress } from '../model/listen-address.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Endpoint } from '../model/ports.ts';
import type { AttemptFailure } from './attempt-events.ts';
import type { FailedAttempt } from './forwarder-deps.ts';
import type { RunInput } from './run-input.ts';

/** What only the exchange's parts know at its end. */
export interface RecordEnd {
  readonly endpoint: Endpoint | null;
  /** The body's, and the tunnel's from the client. */
  readonly bytesIn: number;
  readonly tunnelBytesOut: number;
}

/** What is noted of an exchange while it runs: from it comes the outcome. */
export class ExchangeRecord {
  /** As the client sees it; 0 as long as nothing was sent. */
  status = 0;
  failure: Failure | null = null;
  attempts = 0;
  /** Last attempt's head sent → answer's head; null before it. */
  backendMs: number | null = null;
  bytesOut = 0;
  isEventStream = false;
  isUpgraded = false;
  /** Of the side that is asked now. */
  asked: ForwardDecision;
  /** What the side that was decided on came to, where the other one was asked in its place; null: it was not. */
  hidden: number | Failure | null = null;
  fallback: FallbackWord | null = null;
  fallbackSkipped: SkipReason | null = null;
  either: EitherResult | null = null;
  private readonly input: RunInput;

  constructor(input: RunInput) {
    this.input = input;
    this.asked = input.decision;
  }

  /** As it was decided, whichever side is asked now. */
  get decided(): ForwardDecision {
    return this.input.decision;
  }

  /** Another side is asked from here on: what went wrong on the one before is not what is told. */
  turnTo(decision: ForwardDecision): void {
    this.asked = decision;
    this.failure = null;
    this.backendMs = null;
  }

  /** A GET or HEAD, and nothing more. */
  get isPlainRead(): boolean {
    const { head, upgrade } = this.input.exchange;
    return upgrade === null && (head.method === 'GET' || head.method === 'HEAD');
  }

  /** It may go on for hours: an upgrade, or an event stream. */
  get isLongLived(): boolean {
    return this.isUpgraded || this.isEventStream;
  }

  /** What it is by now. */
  get kind(): 'requests' | 'streams' | 'upgrades' {
    if (this.isUpgraded) return 'upgrades';
    return this.isEventStream ? 'streams' : 'requests';
  }

  /** In words, for the log. */
  failedAttempt({ failure, message }: AttemptFailure, endpoint: Endpoint): FailedAttempt {
    const { requestId } = this.input;
    const address = formatAddress(endpoint.address, endpoint.port);
    return { requestId, backend: this.asked.backend.name, endpoint: address, failure, detail: message };
  }

  /** `now`: monotonic, ms. */
  outcome(now: number, end: RecordEnd): Outcome {
    const outcome = this.plainOutcome(now, end);
    const { hidden, fallback, fallbackSkipped, either } = this;
    if (hidden === null && fallbackSkipped === null && either === null) return outcome;
    return {
      ...outcome,
      ...(hidden === null ? {} : { hidden }),
      ...(fallback === null ? {} : { fallback }),
      ...(fallbackSkipped === null ? {} : { fallbackSkipped }),
      ...(either === null ? {} : { either }),
    };
  }

  private plainOutcome(now: number, end: RecordEnd): Outcome {
    const { exchange, decision, requestId, time, trust } = this.input;
    const { endpoint } = end;
    return {
      requestId,
      time,
      head: exchange.head,
      peer: exchange.peer,
      client: trust.clientAddress(exchange.peer.address, exchange.head.headers),
      decision,
      status: this.status,
      failure: this.failure,
      backend: this.asked.backend.name,
      endpoint: endpoint === null ? null : formatAddress(endpoint.address, endpoint.port),
      attempts: this.attempts,
      durationMs: now - exchange.startedAt,
      backendMs: this.backendMs,
      bytesIn: end.bytesIn,
      bytesOut: this.bytesOut + end.tunnelBytesOut,
      upgraded: this.isUpgraded,
      eventStream: this.isEventStream,
    };
  }
}
