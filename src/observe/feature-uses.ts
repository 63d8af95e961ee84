import type { FeatureUse } from '../model/feature-use.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import type { RouteTable, Stage } from '../model/route-table.ts';

/** Answers are forgotten after five minutes, in slots of ten seconds. */
const SLOT_MS = 10_000;
const SLOTS = 30;

/** Stages in which a feature answers for some or all. */
const ANSWERING: ReadonlySet<Stage> = new Set(['canary', 'live', 'done']);

/** Counts who answered on each feature's routes, and the writes that a feature took since it went live. */
export class FeatureUses implements Pick<Observer, 'tableChanged' | 'finished'> {
  readonly #uses = new Map<string, Use>();
  readonly #wallMs: () => number;

  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs;
  }

  tableChanged(table: RouteTable): void {
    for (const { name, stage } of Object.values(table.features)) {
      const use = this.#uses.get(name) ?? new Use();
      this.#uses.set(name, use);
      use.moved(stage, this.#wallMs());
    }
    for (const name of this.#uses.keys()) if (!Object.hasOwn(table.features, name)) this.#uses.delete(name);
  }

  finished(outcome: Outcome): void {
    const { feature, route } = outcome.decision;
    if (feature === null || outcome.endpoint === null) return;
    const use = this.#uses.get(feature.name);
    if (use === undefined) return;
    const isFeature = outcome.backend !== 'legacy';
    // The end of the exchange by clocks that were read anyway.
    use.answered(isFeature, outcome.time + outcome.durationMs);
    if (isFeature && !route.policy.repeatable.includes(outcome.head.method)) use.writes++;
  }

  /** As it stands, in the order in which the features came. */
  snapshot(): FeatureUse[] {
    const now = this.#wallMs();
    return [...this.#uses].map(([feature, use]) => ({
      feature,
      recent: use.recent(now),
      writes: use.writes,
      writesSince: use.since,
    }));
  }
}

class Use {
  writes = 0;
  since: number | null = null;
  #isAnswering = false;
  readonly #legacy = new Float64Array(SLOTS);
  readonly #feature = new Float64Array(SLOTS);
  #slot = 0;

  /** What it wrote stays known after it was taken back; it counts anew once it answers again. */
  moved(stage: Stage, now: number): void {
    const isAnswering = ANSWERING.has(stage);
    if (isAnswering && !this.#isAnswering) {
      this.since = now;
      this.writes = 0;
    }
    this.#isAnswering = isAnswering;
  }

  answered(isFeature: boolean, at: number): void {
    const slot = this.#advance(at);
    const counts = isFeature ? this.#feature : this.#legacy;
    counts[slot] = (counts[slot] as number) + 1;
  }

  recent(now: number): { legacy: number; feature: number } {
    this.#advance(now);
    return { legacy: sum(this.#legacy), feature: sum(this.#feature) };
  }

  /** Clears the slots that time has left behind; returns the index of the current one. */
  #advance(at: number): number {
    const slot = Math.trunc(at / SLOT_MS);
    const stale = Math.min(slot - this.#slot, SLOTS);
    for (let i = 1; i <= stale; i++) {
      this.#legacy[(this.#slot + i) % SLOTS] = 0;
      this.#feature[(this.#slot + i) % SLOTS] = 0;
    }
    this.#slot = Math.max(slot, this.#slot);
    return this.#slot % SLOTS;
  }
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
