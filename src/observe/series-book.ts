import { DEFAULT_ROUTE, type Route, type RouteTable } from '../model/route-table.ts';
import { attemptKey } from './metric-labels.ts';
import {
  type BackendSeries,
  declaredDecisions,
  newBackendSeries,
  newRouteSeries,
  type RouteSeries,
} from './route-series.ts';
import { declare } from './tally.ts';

/**
 * Which series belong to which route, over reloads. A route is the same as long as its name is: its counts go on.
 * What no table names any more stays for ten minutes, so that the last scrape sees its last requests, and so that an
 * edit taken back changes nothing; with exchanges in flight it stays until they end.
 */

const KEPT_MS = 10 * 60_000;
/** The backend of redirect and respond. */
const NONE = 'none';

export class SeriesBook {
  readonly #byName = new Map<string, RouteSeries>();
  /** Exchanges in flight hold routes of earlier tables: they find their series for as long as they live. */
  readonly #byRoute = new WeakMap<Route, RouteSeries>();
  readonly #nowMs: () => number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Brings the series in line with a table that came into force. */
  apply(table: RouteTable): void {
    const current = new Set<RouteSeries>();
    for (const route of table.routes) current.add(this.#declare(route));
    current.add(this.#declare(table.defaultRoute));
    const now = this.#nowMs();
    for (const series of this.#byName.values()) {
      if (current.has(series)) continue;
      series.isCurrent = false;
      for (const backend of series.backends) backend.removedAtMs ??= now;
    }
    this.#expire(now);
  }

  /** The series of a route, of any table that was ever in force. */
  routeSeries(route: Route): RouteSeries {
    return this.#byRoute.get(route) ?? this.#adopt(route);
  }

  /** Every route's series, in the order in which they were first declared. */
  all(): RouteSeries[] {
    this.#expire(this.#nowMs());
    return [...this.#byName.values()];
  }

  /** The series of a route with a backend; made if the route was not declared with it. */
  backendSeries(series: RouteSeries, backend: string): BackendSeries {
    for (const candidate of series.backends) {
      if (candidate.backend === backend) return candidate;
    }
    const added = newBackendSeries(backend);
    added.removedAtMs = series.isCurrent && backend === NONE ? null : this.#nowMs();
    series.backends.push(added);
    return added;
  }

  #adopt(route: Route): RouteSeries {
    let series = this.#byName.get(route.name);
    if (series === undefined) {
      series = newRouteSeries(route.name);
      this.#byName.set(route.name, series);
    }
    this.#byRoute.set(route, series);
    return series;
  }

  #declare(route: Route): RouteSeries {
    const series = this.#adopt(route);
    const { action } = route;
    const backends = backendsOf(route);
    series.isCurrent = true;
    series.feature = action.kind === 'to' ? (action.feature ?? '') : '';
    declare(series.decisions, declaredDecisions(kindOf(route)));
    for (const name of backends) this.#declareBackend(series, name);
    const now = this.#nowMs();
    for (const backend of series.backends) {
      const isLive = backend.backend === NONE || backends.includes(backend.backend);
      backend.removedAtMs = isLive ? null : (backend.removedAtMs ?? now);
    }
    return series;
  }

  #declareBackend(series: RouteSeries, name: string): void {
    const backend = this.backendSeries(series, name);
    if (name !== NONE) declare(backend.attempts, [attemptKey('serve', 200)]);
  }

  #expire(now: number): void {
    for (const series of this.#byName.values()) {
      if (series.backends.some((backend) => isExpired(backend, now))) {
        const kept = series.backends.filter((backend) => !isExpired(backend, now));
        series.backends.splice(0, series.backends.length, ...kept);
      }
      if (series.backends.length === 0 && !series.isCurrent) this.#byName.delete(series.route);
    }
  }
}

function isExpired(backend: BackendSeries, now: number): boolean {
  return backend.removedAtMs !== null && now - backend.removedAtMs >= KEPT_MS && backend.inFlight === 0;
}

/** Who may answer a route: either side of a feature, since one word in the file moves it. */
function backendsOf(route: Route): readonly string[] {
  if (route.action.kind !== 'to') return [NONE];
  return route.action.feature === null ? ['legacy'] : ['legacy', route.action.feature];
}

function kindOf(route: Route): 'default' | 'pinned' | 'feature' | 'local' {
  if (route.action.kind !== 'to') return 'local';
  if (route.action.feature !== null) return 'feature';
  return route.name === DEFAULT_ROUTE ? 'default' : 'pinned';
}
