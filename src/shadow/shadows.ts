/**
 * Shadow: a copy of what is served goes to the other side, and both answers are judged (docs/shadow.md). What is served
 * must not feel it, so:
 *
 *  1. Nothing is sent before the served answer is whole: neither side of an exchange ever waits for a copy, and what
 *     cannot be compared (streams, parts, failures, what a fallback answered) is known before anybody is asked.
 *  2. A copy is an exchange of its own, with the router as its client: that the client leaves, or reads slowly, does not
 *     reach it, and nothing of it reaches the client: no failure, no cookie, no byte.
 *  3. Bounded: each body by `max_body`, copies at a time by `max_in_flight`, each by its time limit, and all that is held
 *     for them by one cap. Beyond any of these the copy is dropped and counted; nothing queues.
 *  4. Apart: copies have connections of their own, take no place among `max_in_flight` of a backend, and say nothing
 *     about an endpoint's health.
 *  5. What is sent and judged runs in turns of its own: a fault there ends the copy, never the exchange.
 *
 *   watch ─▶ ServedExchange ─▶ ShadowRun: the copy (and legacy once more) ─▶ judge
 */
import type { ShadowPlan } from '../model/decision.ts';
import type { ClientExchange } from '../model/exchange.ts';
import type { HeldBytes } from '../model/held-bytes.ts';
import type { ShadowOutcome, ShadowSkip } from '../model/shadow.ts';
import type { SendCopy } from './ask-copy.ts';
import { ServedExchange } from './served-exchange.ts';
import { MemoryShare, ShadowMemory } from './shadow-memory.ts';
import { ShadowPlaces } from './shadow-places.ts';
import { type Served, ShadowRun, type ShadowRunDeps } from './shadow-run.ts';
import { WatchedExchange } from './watched-exchange.ts';

/** What shadows need of the rest. */
export interface ShadowsDeps extends Omit<ShadowRunDeps, 'places'> {
  /** What everyone holds together, shadows among them. */
  readonly memory: HeldBytes;
  /** Bytes that shadows may hold of it. */
  readonly maxHeld: number;
  /** Wall clock, ms. */
  readonly wallClock: () => number;
}

/** A request that was drawn to be copied. */
export interface Drawn {
  readonly plan: ShadowPlan;
  readonly asksAgain: boolean;
  readonly requestId: string;
  readonly send: SendCopy;
}

/** What one shadow takes beside the bodies, at least: heads and objects. */
const BASE_BYTES = 8 * 1024;

/** Makes copies of what is served. */
export class Shadows {
  private readonly places = new ShadowPlaces();
  readonly memory: ShadowMemory;
  private readonly underWay = new Set<ShadowRun>();
  private isClosed = false;
  private readonly deps: ShadowsDeps;

  constructor(deps: ShadowsDeps) {
    this.deps = deps;
    this.memory = new ShadowMemory(deps.memory, deps.maxHeld);
  }

  /** The exchange to serve in place of this one: the same, watched; or just it, where there is no room for a copy. */
  watch(exchange: ClientExchange, drawn: Drawn): ClientExchange {
    const { plan } = drawn;
    const share = new MemoryShare(this.memory);
    const hasPlace = this.places.hasRoom(plan.feature.name, plan.shadow.maxInFlight);
    if (this.isClosed || !hasPlace || !share.take(BASE_BYTES)) {
      this.tell(plan, 'dropped');
      return exchange;
    }
    const { head, traits, peer, body } = exchange;
    const time = this.deps.wallClock();
    const served = new ServedExchange(
      {
        request: { head, traits, peer, length: body.length },
        maxBody: plan.shadow.maxBody,
        take: share.take,
        now: this.deps.now,
      },
      {
        onServed: (request, answer) => this.served({ ...drawn, share, time, request, answer }),
        onSkipped: (why) => {
          share.release();
          this.tell(plan, 'skipped', why);
        },
        onDropped: () => {
          share.release();
          this.tell(plan, 'dropped');
        },
      },
    );
    return new WatchedExchange(exchange, served);
  }

  /** A request that was drawn and is not copied. */
  skipped(plan: ShadowPlan, why: ShadowSkip): void {
    this.tell(plan, 'skipped', why);
  }

  /** Gives up all copies; makes no more. */
  close(): void {
    this.isClosed = true;
    for (const run of [...this.underWay]) run.giveUp();
  }

  private served(served: Served): void {
    const { plan, share } = served;
    const { feature, shadow } = plan;
    if (this.isClosed || !this.places.take(feature.name, shadow.maxInFlight)) {
      share.release();
      this.tell(plan, 'dropped');
      return;
    }
    const run: ShadowRun = new ShadowRun(served, { ...this.deps, places: this.places }, () =>
      this.underWay.delete(run),
    );
    this.underWay.add(run);
    // The served answer's last bytes leave first.
    setImmediate(() => run.start());
  }

  private tell(
    { feature, copy }: ShadowPlan,
    outcome: ShadowOutcome,
    skipped: ShadowSkip | null = null,
  ): void {
    this.deps.observer.shadowed({ feature, route: copy.route, outcome, skipped, durationRatio: null });
  }
}
