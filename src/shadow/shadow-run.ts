import type { ForwardDecision, ShadowPlan } from '../model/decision.ts';
import type { ShadowAnswer, ShadowJudge, ShadowObserver, ShadowPair } from '../model/shadow.ts';
import { askCopy, type SendCopy } from './ask-copy.ts';
import type { KeptRequest } from './copy-exchange.ts';
import type { MemoryShare } from './shadow-memory.ts';
import type { ShadowPlaces } from './shadow-places.ts';

/** What was served, whole, and how its copy goes. */
export interface Served {
  readonly plan: ShadowPlan;
  /** Legacy is asked once more. */
  readonly asksAgain: boolean;
  readonly requestId: string;
  /** Wall clock of the request, ms. */
  readonly time: number;
  readonly send: SendCopy;
  readonly request: KeptRequest;
  readonly answer: ShadowAnswer;
  /** What it holds of the memory of all shadows; it was kept with it. */
  readonly share: MemoryShare;
}

/** What a run needs of the rest. */
export interface ShadowRunDeps {
  readonly places: ShadowPlaces;
  readonly judge: ShadowJudge;
  readonly observer: Pick<ShadowObserver, 'shadowed'>;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** A fault of our own, to be logged. */
  readonly onFault: (error: unknown) => void;
}

/** One copy, from its sending to its judgement; it has a place already. */
export class ShadowRun {
  private copied: ShadowAnswer | null = null;
  private again: ShadowAnswer | null = null;
  private isAskedAgain = false;
  private readonly open = new Set<() => void>();
  private isOver = false;
  private isGivenUp = false;
  private readonly served: Served;
  private readonly deps: ShadowRunDeps;
  private readonly onOver: () => void;

  constructor(served: Served, deps: ShadowRunDeps, onOver: () => void) {
    this.served = served;
    this.deps = deps;
    this.onOver = onOver;
  }

  start(): void {
    const { plan, asksAgain, share } = this.served;
    if (this.isGivenUp) {
      this.deps.places.giveBack(plan.feature.name);
      share.release();
      this.onOver();
      return;
    }
    this.isAskedAgain = asksAgain && this.takePlace();
    this.ask(plan.copy, (answer) => {
      this.copied = answer;
    });
    if (!this.isAskedAgain) return;
    this.ask(plan.again, (answer) => {
      this.again = answer;
    });
  }

  /** Ends it without waiting for answers, and without a judgement. */
  giveUp(): void {
    this.isGivenUp = true;
    for (const giveUp of [...this.open]) giveUp();
  }

  /** Every copy has a place, and gives it back with its answer. */
  private ask(decision: ForwardDecision, take: (answer: ShadowAnswer) => void): void {
    const { plan, request, send, share } = this.served;
    const { maxBody, timeoutMs } = plan.shadow;
    let giveUp: (() => void) | null = null;
    const onAnswer = (answer: ShadowAnswer): void => {
      if (giveUp !== null) this.open.delete(giveUp);
      this.deps.places.giveBack(plan.feature.name);
      take(answer);
      this.judgeIfWhole();
    };
    const { now, onFault } = this.deps;
    const options = { send, maxBody, timeoutMs, take: share.take, now, onFault, onAnswer };
    giveUp = askCopy(request, decision, options);
    this.open.add(giveUp);
  }

  private takePlace(): boolean {
    const { feature, shadow } = this.served.plan;
    return this.deps.places.take(feature.name, shadow.maxInFlight);
  }

  private judgeIfWhole(): void {
    const { copied, again } = this;
    if (copied === null || (this.isAskedAgain && again === null) || this.isOver) return;
    this.isOver = true;
    this.onOver();
    if (this.isGivenUp) {
      this.served.share.release();
      return;
    }
    try {
      const pair = this.pairOf(copied);
      this.tell(pair, copied);
      this.deps.judge.judge(pair, this.served.share.release);
    } catch (error) {
      this.served.share.release();
      this.deps.onFault(error);
    }
  }

  private pairOf(copied: ShadowAnswer): ShadowPair {
    const { plan, request, answer, requestId, time } = this.served;
    const isReversed = plan.copy.side === 'legacy';
    return {
      feature: plan.feature,
      route: plan.copy.route,
      servedBy: isReversed ? 'feature' : 'legacy',
      requestId,
      time,
      method: request.head.method,
      target: request.head.target,
      legacy: isReversed ? copied : answer,
      own: isReversed ? answer : copied,
      legacyAgain: this.again,
    };
  }

  private tell({ feature, route, own, legacy }: ShadowPair, copied: ShadowAnswer): void {
    const isAnswered = copied.failure === null;
    const hasBoth = isAnswered && own.latencyMs !== null && (legacy.latencyMs ?? 0) > 0;
    this.deps.observer.shadowed({
      feature,
      route,
      outcome: isAnswered ? 'answered' : 'failed',
      skipped: null,
      durationRatio: hasBoth ? (own.latencyMs as number) / (legacy.latencyMs as number) : null,
    });
  }
}
