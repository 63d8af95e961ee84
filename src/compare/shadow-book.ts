/**
 * What the comparisons of all features came to. One for a whole router: with workers it lives in the primary, which
 * gets their reports.
 *
 *   pairs ─▶ judge ─▶ tally ─▶ report of each second ─▶ add ─▶ ledger per route ─▶ status: verdicts, fields, noise, samples
 *
 * An edit of a feature's block begins anew: what was compared before was another feature, or another question.
 */
import type { Feature, Route, RouteTable } from '../model/route-table.ts';
import type {
  ComparisonCounts,
  FeatureComparisons,
  MismatchSample,
  Readiness,
  RouteShadowStatus,
  ShadowStatus,
} from '../model/shadow-report.ts';
import type { NoiseMemory } from './noise-book.ts';
import { readinessOf } from './readiness.ts';
import { RouteLedger, type RouteMemory } from './route-ledger.ts';

/** What the book tells. */
export interface ShadowBookOptions {
  /** Wall clock, ms. */
  readonly time: () => number;
  /** These comparisons were added. */
  readonly onCounted: (counted: Counted) => void;
  /** These mismatches were added. */
  readonly onSamples: (feature: string, route: string, samples: readonly MismatchSample[]) => void;
}

/** Comparisons of one route of a feature by what became of them. */
export interface Counted {
  readonly feature: Feature;
  readonly route: Route;
  readonly counts: ComparisonCounts;
}

/** A feature's ledgers as they are kept over a restart. */
export interface FeatureMemory {
  readonly feature: string;
  readonly definition: string;
  readonly since: number;
  readonly routes: readonly {
    readonly route: string;
    readonly ledger: RouteMemory;
    readonly noise: NoiseMemory;
  }[];
}

interface Kept {
  feature: Feature;
  readonly since: number;
  readonly routes: Map<string, KeptRoute>;
}

interface KeptRoute {
  readonly route: Route;
  readonly ledger: RouteLedger;
}

/** A route is not called unready for one answer of five: from so many mismatches on it speaks for itself. */
const MISMATCHES_OF_A_ROUTE = 3;

/** Owns ledgers and verdicts. */
export class ShadowBook {
  readonly #features = new Map<string, Kept>();
  readonly #options: ShadowBookOptions;
  #memories: readonly FeatureMemory[] = [];

  constructor(options: ShadowBookOptions) {
    this.#options = options;
  }

  /** Takes up what was kept, before the first table comes into force. */
  restore(memories: readonly FeatureMemory[]): void {
    this.#memories = memories;
  }

  /** Features whose block is edited begin anew. */
  tableChanged(table: RouteTable): void {
    const before = new Map(this.#features);
    this.#features.clear();
    for (const feature of Object.values(table.features)) {
      if (feature.shadow === null) continue;
      const known = before.get(feature.name) ?? this.#restored(feature.name);
      const isSame = known !== undefined && known.feature.definition === feature.definition;
      const routes = new Map<string, KeptRoute>();
      for (const route of routesOf(table, feature.name)) {
        const before = known?.routes.get(route.name)?.ledger;
        const ledger =
          isSame && before !== undefined ? before : RouteLedger.after(before, feature.shadow.compare.ignore);
        routes.set(route.name, { route, ledger });
      }
      this.#features.set(feature.name, {
        feature,
        since: isSame ? known.since : this.#options.time(),
        routes,
      });
    }
    this.#memories = [];
  }

  /** Adds what was compared since the last time, by whomever. */
  add(reports: readonly FeatureComparisons[]): void {
    for (const { feature: name, definition, routes } of reports) {
      const kept = this.#features.get(name);
      if (kept === undefined || kept.feature.definition !== definition) continue;
      for (const report of routes) {
        const known = kept.routes.get(report.route);
        if (known === undefined) continue;
        const { route, ledger } = known;
        const counts = ledger.add(report, this.#options.time());
        this.#options.onCounted({ feature: kept.feature, route, counts });
        const real = ledger.withoutNoise(report.samples);
        if (real.length > 0) this.#options.onSamples(name, report.route, real);
      }
    }
  }

  /** The verdict of every feature that has a `shadow` block, and no more: cheap enough for each second. */
  verdicts(): Map<string, Readiness['kind']> {
    return new Map([...this.#features].map(([name, kept]) => [name, verdictOf(kept)]));
  }

  /** All of every feature that has a `shadow` block, in the order of the table. */
  status(): ShadowStatus[] {
    return [...this.#features.values()].map(statusOf);
  }

  memories(): FeatureMemory[] {
    return [...this.#features].map(([feature, kept]) => ({
      feature,
      definition: kept.feature.definition,
      since: kept.since,
      routes: [...kept.routes].map(([route, { ledger }]) => ({
        route,
        ledger: ledger.memory(),
        noise: ledger.noise.memory(),
      })),
    }));
  }

  #restored(name: string): Kept | undefined {
    const memory = this.#memories.find(({ feature }) => feature === name);
    if (memory === undefined) return undefined;
    const routes = new Map<string, KeptRoute>();
    for (const { route: name, ledger: kept, noise } of memory.routes) {
      const ledger = new RouteLedger();
      ledger.restore(kept, noise);
      routes.set(name, { route: { name } as Route, ledger });
    }
    // Of the feature and its routes as they were only names and the definition are asked.
    const feature = { name, definition: memory.definition } as Feature;
    return { feature, since: memory.since, routes };
  }
}

function routesOf({ routes }: RouteTable, feature: string): Route[] {
  return routes.filter(({ action }) => action.kind === 'to' && action.feature === feature);
}

function verdictOf({ feature, routes }: Kept): Readiness['kind'] {
  const hasFallback = catches501(feature);
  const all = [...routes.values()].map(({ ledger }) => ledger.counts());
  const ofRoutes = all.map((counts) => ({ readiness: readinessBy(counts, feature, hasFallback) }));
  return withRoutes(readinessBy(sumOf(all), feature, hasFallback), ofRoutes).kind;
}

function catches501({ fallback }: Feature): boolean {
  return fallback?.when.includes('501') === true;
}

function statusOf({ feature, since, routes: ledgers }: Kept): ShadowStatus {
  const hasFallback = catches501(feature);
  const routes = [...ledgers].map(([route, { ledger }]): RouteShadowStatus => {
    const status = ledger.status(route);
    return { ...status, readiness: readinessBy(status.counts, feature, hasFallback) };
  });
  const counts = sumOf(routes.map((route) => route.counts));
  const [first = new RouteLedger(), ...others] = [...ledgers.values()].map(({ ledger }) => ledger);
  return {
    feature: feature.name,
    since,
    readiness: withRoutes(readinessBy(counts, feature, hasFallback), routes),
    counts,
    times: first.times(others),
    hasFallback,
    noiseShare: feature.shadow?.noise ?? 0,
    routes,
  };
}

/** An answer that did not come is one that is not equal; one that is not built is legacy's, if there is a fallback. */
function readinessBy(counts: ComparisonCounts, { shadow }: Feature, hasFallback: boolean): Readiness {
  const same = counts.match + counts.noise;
  const compared = same + counts.mismatch + counts.error + (hasFallback ? 0 : counts.notBuilt);
  return readinessOf(same, compared, shadow?.ready ?? { match: 1, min: 1 });
}

/** A feature is as ready as the worst of its routes: a busy one must not hide another that never matches. */
function withRoutes(
  readiness: Readiness,
  routes: readonly Pick<RouteShadowStatus, 'readiness'>[],
): Readiness {
  const isAnyUnready = routes.some(
    ({ readiness: { kind, compared, same } }) =>
      kind === 'not_ready' && compared - same >= MISMATCHES_OF_A_ROUTE,
  );
  return isAnyUnready ? { ...readiness, kind: 'not_ready', missing: 0 } : readiness;
}

function sumOf(all: readonly ComparisonCounts[]): ComparisonCounts {
  const sum = { match: 0, noise: 0, mismatch: 0, notBuilt: 0, skipped: 0, error: 0 };
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof ComparisonCounts)[]) sum[key] += counts[key];
  }
  return sum;
}
