/**
 * Decides which features are rolled back. One for a whole router: with workers it lives in the primary, which sums what
 * they counted.
 *
 *   counts of each second ─▶ add ─▶ window per feature ─▶ look: judgeWindow ─▶ a rollback ─▶ switches, log, state file
 *                                                                                  │
 *                        the feature's block is edited, or its time is up ─────────┘ ends it
 *
 * Nothing is counted while a feature is rolled back, so that what it did before counts once.
 */
import type { FeatureCounts, Rollback, RollbackStatus } from '../model/feature-counts.ts';
import type { AutoRollback, Feature, RouteTable } from '../model/route-table.ts';
import { canBeRolledBack } from './feature-watch.ts';
import { FeatureWindow } from './feature-window.ts';
import { judgeWindow } from './judge-window.ts';
import type { RollbackNews } from './rollback-news.ts';

/** What deciding needs. */
export interface RollbacksOptions {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly time: () => number;
  /** These are rolled back from now on. Told when that changes, after a table change always. */
  readonly onChange: (rolledBack: ReadonlySet<string>) => void;
  readonly onNews: (news: RollbackNews) => void;
  /** Keeps them over a restart. */
  readonly save: (rollbacks: readonly Rollback[]) => void;
}

interface Watched {
  feature: Feature;
  readonly limits: AutoRollback;
  window: FeatureWindow;
  /** The last one with this block, also when it is over: the next one holds for longer. */
  last: Rollback | null;
  /** When the one that holds ends; monotonic, ms. Null: none holds. */
  endsAt: number | null;
}

/** Owns windows and rollbacks. */
export class Rollbacks {
  readonly #watched = new Map<string, Watched>();
  readonly #options: RollbacksOptions;
  /** From the state file, until the first table says what they are worth. */
  #kept: readonly Rollback[] = [];

  constructor(options: RollbacksOptions) {
    this.#options = options;
  }

  /** Takes up what was saved, before the first table comes into force. */
  restore(rollbacks: readonly Rollback[]): void {
    this.#kept = rollbacks;
  }

  /** Features whose block is edited begin anew: their windows, and what was rolled back. */
  tableChanged(table: RouteTable): void {
    const before = new Map(this.#watched);
    this.#watched.clear();
    for (const feature of Object.values(table.features)) {
      const known = before.get(feature.name);
      const isSame = known !== undefined && known.feature.definition === feature.definition;
      if (known !== undefined && !isSame) this.#ended(known, 'edited');
      if (feature.autoRollback === null || !canBeRolledBack(feature)) continue;
      if (isSame) known.feature = feature;
      this.#watched.set(feature.name, isSame ? known : this.#watch(feature, feature.autoRollback));
    }
    for (const [name, gone] of before) if (table.features[name] === undefined) this.#ended(gone, 'edited');
    this.#kept = [];
    this.#changed();
  }

  /** Adds what was counted since the last time, by whomever. */
  add(counts: readonly FeatureCounts[]): void {
    for (const count of counts) {
      const watched = this.#watched.get(count.feature);
      if (watched === undefined || watched.endsAt !== null) continue;
      if (watched.feature.definition === count.definition) watched.window.add(count, this.#options.now());
    }
  }

  /** Looks at every window, and at the time. */
  look(): void {
    const now = this.#options.now();
    let hasChanged = false;
    for (const watched of this.#watched.values()) {
      if (watched.endsAt !== null) hasChanged = this.#endIfDue(watched, now) || hasChanged;
      else hasChanged = this.#judge(watched, now) || hasChanged;
    }
    if (hasChanged) this.#changed();
  }

  /** How often to look and to count, ms: a twentieth of the shortest window, from 100 ms to a second. */
  get everyMs(): number {
    let everyMs = 1_000;
    for (const { limits } of this.#watched.values()) everyMs = Math.min(everyMs, limits.windowMs / 20);
    return Math.max(100, everyMs);
  }

  /** Of every feature that could be rolled back, in the order of the table. */
  status(): RollbackStatus[] {
    return [...this.#watched].map(([feature, { window, limits, last, endsAt }]) => {
      window.moveTo(this.#options.now());
      const { verdict } = judgeWindow(window, limits);
      const rollback = endsAt === null ? null : last;
      return {
        feature,
        verdict: rollback === null ? verdict : { ...verdict, kind: 'rolled_back', missing: null },
        rollback,
      };
    });
  }

  #watch(feature: Feature, limits: AutoRollback): Watched {
    const { now, time } = this.#options;
    const kept = this.#kept.find(({ feature: name }) => name === feature.name);
    const last = kept?.definition === feature.definition ? kept : null;
    const watched = {
      feature,
      limits,
      window: windowOf(limits, now()),
      last,
      endsAt: endOf(last, now(), time()),
    };
    if (watched.endsAt !== null && last !== null) this.#options.onNews({ kind: 'restored', rollback: last });
    return watched;
  }

  #judge(watched: Watched, now: number): boolean {
    const { feature, limits, window } = watched;
    window.moveTo(now);
    const { why } = judgeWindow(window, limits);
    if (why === null) return false;
    const count = (watched.last?.count ?? 0) + 1;
    const holdMs =
      limits.holdMs === null ? null : Math.min(limits.holdMs * 2 ** (count - 1), LONGEST_HOLD_MS);
    const since = this.#options.time();
    const rollback: Rollback = {
      feature: feature.name,
      definition: feature.definition,
      since,
      until: holdMs === null ? null : since + holdMs,
      count,
      why: `in the last ${limits.windowMs / 1_000} s ${why}`,
    };
    watched.last = rollback;
    watched.endsAt = holdMs === null ? Number.POSITIVE_INFINITY : now + holdMs;
    watched.window = windowOf(limits, now);
    this.#options.onNews({ kind: 'rolled_back', rollback });
    return true;
  }

  #endIfDue(watched: Watched, now: number): boolean {
    if (watched.endsAt === null || now < watched.endsAt) return false;
    this.#ended(watched, 'time_is_up');
    watched.endsAt = null;
    watched.window = windowOf(watched.limits, now);
    return true;
  }

  #ended({ last, endsAt }: Watched, by: 'edited' | 'time_is_up'): void {
    if (endsAt !== null && last !== null) this.#options.onNews({ kind: 'ended', rollback: last, by });
  }

  #changed(): void {
    const all = [...this.#watched.values()];
    this.#options.onChange(
      new Set(all.filter(({ endsAt }) => endsAt !== null).map(({ feature }) => feature.name)),
    );
    this.#options.save(all.flatMap(({ last }) => (last === null ? [] : [last])));
  }
}

/** However often it was doubled. */
const LONGEST_HOLD_MS = 7 * 24 * 3_600_000;

function windowOf({ windowMs, p95 }: AutoRollback, now: number): FeatureWindow {
  return new FeatureWindow(windowMs, p95.maxMs !== null || p95.timesLegacy !== null, now);
}

/** When a rollback of an earlier run ends by the monotonic clock; null: it is over. */
function endOf(last: Rollback | null, now: number, time: number): number | null {
  if (last === null) return null;
  if (last.until === null) return Number.POSITIVE_INFINITY;
  // A wall clock that was set back must not make it longer than it was meant.
  const leftMs = Math.min(last.until - time, last.until - last.since);
  return leftMs > 0 ? now + leftMs : null;
}
