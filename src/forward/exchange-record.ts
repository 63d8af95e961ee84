import type { Failure } from '../model/failure.ts';
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
  private readonly input: RunInput;

  constructor(input: RunInput) {
    this.input = input;
  }

  /** In words, for the log. */
  failedAttempt({ failure, message }: AttemptFailure, endpoint: Endpoint): FailedAttempt {
    const { requestId, decision } = this.input;
    const address = formatAddress(endpoint.address, endpoint.port);
    return { requestId, backend: decision.backend.name, endpoint: address, failure, detail: message };
  }

  /** `now`: monotonic, ms. */
  outcome(now: number, end: RecordEnd): Outcome {
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
      backend: decision.backend.name,
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
