import type { FeatureUse } from '../model/feature-use.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import type { RouteTable, Stage } from '../model/route-table.ts';
import { AnswersBySide } from './answers-by-side.ts';

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
    use.answers.count(isFeature, outcome.time + outcome.durationMs);
    if (isFeature && !route.policy.repeatable.includes(outcome.head.method)) use.writes++;
  }

  /** As it stands, in the order in which the features came. */
  snapshot(): FeatureUse[] {
    const now = this.#wallMs();
    return [...this.#uses].map(([feature, use]) => ({
      feature,
      recent: use.answers.of(now),
      writes: use.writes,
      writesSince: use.since,
    }));
  }
}

class Use {
  writes = 0;
  since: number | null = null;
  readonly answers = new AnswersBySide();
  #isAnswering = false;

  /** What it wrote stays known after it was taken back; it counts anew once it answers again. */
  moved(stage: Stage, now: number): void {
    const isAnswering = ANSWERING.has(stage);
    if (isAnswering && !this.#isAnswering) {
      this.since = now;
      this.writes = 0;
    }
    this.#isAnswering = isAnswering;
  }
}
