import { type Failure, statusOf } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import { AskedSide } from './asked-side.ts';
import type { UpgradedEnd } from './attempt-events.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import type { RunDeps } from './forwarder-deps.ts';
import type { KeptAnswer } from './kept-answer.ts';
import { debugFields } from './response-head.ts';
import type { RunInput, RunListener } from './run-input.ts';
import type { Listed } from './run-list.ts';
import type { Tunnel } from './tunnel.ts';

/**
 * One exchange with a backend, from the decision to the last byte:
 *
 *   place among max_in_flight ─▶ a side is asked (asked-side.ts) ─▶ answer relayed ─▶ outcome
 *                                                   └ failure ─▶ its status
 * After the answer's head went out, a failure cuts the client's connection: a broken answer must look broken.
 */

/** One exchange while it runs. It tells once when it is over. */
export class ExchangeRun extends AskedSide implements Listed {
  place = -1;
  private tunnel: Tunnel | null = null;
  private hasFailed = false;
  private isOver = false;
  private deadline: NodeJS.Timeout | undefined;
  private readonly listener: RunListener<ExchangeRun>;

  constructor(input: RunInput, deps: RunDeps, listener: RunListener<ExchangeRun>) {
    super(input, deps);
    this.listener = listener;
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
    if (deadlineMs > 0) this.setDeadline(deadlineMs);
    this.input.budget.earn();
    this.giveBackPlace = this.deps.capacity.acquire(decision.backend, (admitted) => {
      if (this.isOver) return;
      if (admitted) this.ask();
      else this.fail('over_capacity');
    });
    // It may all have been over, or another side's, before the place had a name.
    if (this.isOver || this.decision !== decision) this.giveBackPlace();
  }

  /** A deadline that nobody wrote is for the sides to answer in: an upload that is under way may take longer. */
  private setDeadline(ms: number): void {
    const isWritten = this.decision.route.policy.deadlineMs !== null;
    this.deadline = setTimeout(() => {
      if (isWritten || !this.body.isComing) this.fail('deadline');
      else this.setDeadline(ms);
    }, ms);
  }

  /** WebSockets get Close 1001 at a frame boundary; anything else goes on. */
  sayGoodbye(): void {
    this.tunnel?.goAway();
  }

  /** Ends what may go on for hours: WebSockets with a goodbye, other upgrades and streams by a cut. */
  endLongLived(): void {
    if (this.tunnel?.isWebSocket) this.tunnel.goAway();
    else if (this.record.isLongLived) this.fail('draining');
  }

  /** Cuts it, whatever it is doing. */
  abort(): void {
    this.fail('draining');
  }

  // What the attempt in force tells.

  head(head: ParsedHead, headMs: number): void {
    if (this.otherSide?.takesHead(head, headMs)) return;
    this.answered(head.status, headMs);
    this.relayBegins();
    this.answer.head(head, headMs);
    if (this.record.isEventStream) this.attempt?.allowSilence();
  }

  chunk(bytes: Buffer): void {
    if (this.otherSide?.takesChunk(bytes)) return;
    if (!this.answer.chunk(bytes)) this.attempt?.pause();
  }

  end(trailers: HeaderList): void {
    // Its connection is somebody else's from here on, also where the answer is kept: nobody may pause it.
    this.attempt = null;
    if (this.otherSide?.takesEnd(trailers)) return;
    this.use.leave();
    this.answer.end(trailers);
  }

  upgraded(head: ParsedHead, { socket, early, headMs }: UpgradedEnd): void {
    this.answered(head.status, headMs);
    this.relayBegins();
    this.attempt = null;
    this.deps.observer.upgraded(this.decision);
    this.tunnel = this.answer.switchProtocols({ head, socket, early }, headMs, () => {
      this.use.leave();
      this.finish();
    });
    this.tunnel.start();
    this.listener.upgraded(this);
  }

  /** For the other side: an answer that was kept goes out, as far as it came. */
  relay({ head, headMs, pieces, trailers }: KeptAnswer): void {
    this.relayBegins();
    this.answer.head(head, headMs);
    for (const bytes of pieces) if (!this.answer.chunk(bytes)) this.attempt?.pause();
    if (trailers !== null) this.end(trailers);
  }

  private relayBegins(): void {
    // The deadline is for an answer to begin: a download or a stream may take as long as it does.
    clearTimeout(this.deadline);
    this.body.stopKeeping();
  }

  fail(failure: Failure): void {
    if (this.isOver) return;
    if (this.hasFailed) {
      // The problem is on its way; the client did not wait for it.
      this.finish();
      return;
    }
    if (failure !== 'client_closed' && failure !== 'draining' && this.otherSide?.servesKept()) return;
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
      const fields = debug ? debugFields(decision, this.record.fallback) : [];
      this.record.bytesOut += exchange.answer.fail(failure, requestId, fields);
    }
  }

  private stopWork(): void {
    clearTimeout(this.deadline);
    this.letGo();
    this.tunnel?.destroy();
    this.otherSide?.leave();
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopWork();
    this.body.stopKeeping();
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
