import type { ForwardDecision } from '../model/decision.ts';
import { isEndless } from '../model/endless-type.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { Purpose } from '../model/outcome.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import type { RunDeps } from './forwarder-deps.ts';
import { KeptAnswer } from './kept-answer.ts';
import { type FallbackState, mayFallBack } from './may-fall-back.ts';

/**
 * The other side of an exchange, where it may be asked (docs/fallback.md). At most once, and only while the client has
 * nothing of an answer:
 *
 *   feature fails, or answers one of `when` ─▶ (answer discarded) ─▶ legacy ─▶ whatever legacy says
 *   one side says 404, with `either` ─▶ (answer kept) ─▶ the other side ─┬─▶ its answer
 *                                                                        └─▶ 404, 5xx or a failure: the kept 404
 *
 * Whether it may be is decided in `may-fall-back.ts`; this does it. There is one only where the decision has another
 * side, so that all other exchanges have nothing to do with it but a look whether it is there.
 */

/** What the exchange does for it. */
export interface SideSwitch {
  standing(): Omit<FallbackState, 'why' | 'hasPlace'>;
  /** The head of an answer came, whoever gets it. */
  answered(status: number, headMs: number): void;
  /** What was under way is over, and of the answer that was held back no more is wanted. */
  discard(): void;
  /** From here on everything is about this decision. */
  turnTo(decision: ForwardDecision, purpose: Purpose): void;
  /** Asks the side that was turned to. */
  ask(): void;
  /** Relays an answer that was held back, as far as it came. */
  relay(kept: KeptAnswer): void;
  fail(failure: Failure): void;
}

/** Turns an exchange to its other side. */
export class OtherSide {
  private kept: KeptAnswer | null = null;
  private hasTurned = false;
  private leaveBackend: (() => void) | null = null;
  private hasPlace = false;
  private readonly first: ForwardDecision;
  private readonly canAskEither: boolean;
  private readonly run: SideSwitch;
  private readonly record: ExchangeRecord;
  private readonly deps: RunDeps;

  constructor(run: SideSwitch, record: ExchangeRecord, deps: RunDeps) {
    this.first = record.decided;
    this.run = run;
    this.record = record;
    this.deps = deps;
    this.canAskEither = this.first.either !== null && record.isPlainRead;
  }

  /** The head is not to be relayed, or not yet. */
  takesHead(head: ParsedHead, headMs: number): boolean {
    const { status } = head;
    if (this.hasTurned) return this.kept !== null && this.takesSecond(head, headMs);
    if (this.canAskEither && status === 404 && this.keeps(head, headMs)) return true;
    return this.fallsBackFrom(status, () => {
      this.run.answered(status, headMs);
      this.run.discard();
    });
  }

  /** The piece belongs to an answer that is kept. */
  takesChunk(bytes: Buffer): boolean {
    if (this.kept === null || this.hasTurned) return false;
    if (!this.kept.keep(bytes)) this.relayKept();
    return true;
  }

  /** The end of an answer that is kept. */
  takesEnd(trailers: HeaderList): boolean {
    const { kept } = this;
    if (kept === null || this.hasTurned) return false;
    kept.trailers = trailers;
    if (!this.turnTo(this.first.either as ForwardDecision, 'serve')) this.servesKept();
    return true;
  }

  /** What the side in force failed with is not told: the other side answers, or a kept answer goes out. */
  fallsBack(failure: Failure): boolean {
    if (this.servesKept()) return true;
    // An answer that broke off while it was being kept.
    this.kept = null;
    return this.fallsBackFrom(failure, () => {});
  }

  /**
   * The best endpoint there is just refused a connection: with somebody else to answer nobody need try it, which may
   * take as long as a connection may (the address of a container that was killed is silent). It is probed all the time.
   */
  fallsBackFromRefusing(): boolean {
    if (this.kept !== null || this.hasTurned) return false;
    if (this.fallsBackFrom(this.record.failure ?? 'no_endpoint', () => {})) return true;
    // It is tried after all, and may well answer.
    this.record.fallbackSkipped = null;
    return false;
  }

  /** A kept answer, whole, goes out in place of whatever went wrong after it. */
  servesKept(): boolean {
    if (this.kept === null || this.kept.trailers === null) return false;
    this.record.either ??= 'failed';
    if (this.hasTurned) {
      this.leave();
      this.run.turnTo(this.first, 'serve');
    }
    this.relayKept();
    return true;
  }

  /** Gives back what it has taken. */
  leave(): void {
    this.leaveBackend?.();
    this.leaveBackend = null;
    if (this.hasPlace) this.deps.fallbackPlaces.giveBack(this.first.backend.name);
    this.hasPlace = false;
  }

  private keeps(head: ParsedHead, headMs: number): boolean {
    const { isReplayable } = this.run.standing();
    if (!isReplayable || !KeptAnswer.canKeep(head) || isEndless(head.fields.contentType)) return false;
    this.kept = new KeptAnswer(head, headMs);
    this.run.answered(head.status, headMs);
    return true;
  }

  /** Of the two answers: the second, unless it is no better. */
  private takesSecond({ status }: ParsedHead, headMs: number): boolean {
    if (status !== 404 && status < 500) {
      this.record.either = 'found';
      this.record.hidden = (this.kept as KeptAnswer).head.status;
      this.kept = null;
      return false;
    }
    this.record.either = status === 404 ? 'not_found' : 'failed';
    this.run.answered(status, headMs);
    this.run.discard();
    return this.servesKept();
  }

  private relayKept(): void {
    const kept = this.kept as KeptAnswer;
    this.kept = null;
    this.hasTurned = true;
    this.run.relay(kept);
  }

  private fallsBackFrom(why: Failure | number, prepare: () => void): boolean {
    const plan = this.first.fallback;
    if (plan === null || this.hasTurned) return false;
    const feature = this.first.backend.name;
    const hasPlace = this.deps.fallbackPlaces.hasRoom(feature, plan.maxInFlight);
    const verdict = mayFallBack(plan, { ...this.run.standing(), why, hasPlace });
    if (verdict === null) return false;
    if ('skipped' in verdict) {
      this.record.fallbackSkipped = verdict.skipped;
      return false;
    }
    this.record.fallback = verdict.word;
    // It may have been skipped before, and held meanwhile.
    this.record.fallbackSkipped = null;
    this.record.hidden = why;
    this.hasPlace = true;
    this.deps.fallbackPlaces.take(feature);
    return this.turnTo(plan.decision, 'fallback', prepare) || this.isRefused();
  }

  /** False: the other side takes no more, and nothing has changed. */
  private turnTo(decision: ForwardDecision, purpose: Purpose, prepare = (): void => {}): boolean {
    const gate: { admitted: boolean | null; isTurned: boolean } = { admitted: null, isTurned: false };
    const leave = this.deps.capacity.acquire(decision.backend, (admitted) => {
      gate.admitted = admitted;
      if (gate.isTurned) this.entered(admitted);
    });
    if (gate.admitted === false) {
      leave();
      return false;
    }
    prepare();
    this.leaveBackend = leave;
    this.hasTurned = true;
    this.run.turnTo(decision, purpose);
    gate.isTurned = true;
    if (gate.admitted) this.run.ask();
    return true;
  }

  /** After a wait in the other side's queue. */
  private entered(admitted: boolean): void {
    if (admitted) {
      this.run.ask();
      return;
    }
    if (this.servesKept()) return;
    const { hidden } = this.record;
    this.isRefused();
    this.run.turnTo(this.first, 'serve');
    this.run.fail(typeof hidden === 'string' ? hidden : 'over_capacity');
  }

  private isRefused(): boolean {
    this.leave();
    this.record.fallback = null;
    this.record.hidden = null;
    this.record.fallbackSkipped = 'busy';
    return false;
  }
}
