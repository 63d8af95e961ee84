import type { Feature, Route, RouteTable } from '../model/route-table.ts';
import {
  type BackendSeries,
  declaredDecisions,
  declaredOtherSide,
  NO_BACKEND,
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

/** The series of all routes. */
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
    const now = this.#nowMs();
    for (const series of this.#byName.values()) series.isCurrent = false;
    for (const route of table.routes) this.#declare(route, featureOf(table, route), now);
    this.#declare(table.defaultRoute, null, now);
    for (const series of this.#byName.values()) {
      if (!series.isCurrent) for (const backend of series.backends) backend.removedAtMs ??= now;
    }
    this.#expire(now);
  }

  /** The series of a route, of any table that was ever in force. */
  routeSeries(route: Route): RouteSeries {
    let series = this.#byRoute.get(route);
    if (series === undefined) {
      series = this.#named(route, null);
      this.#byRoute.set(route, series);
    }
    return series;
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
    added.removedAtMs = series.isCurrent && backend === NO_BACKEND ? null : this.#nowMs();
    series.backends.push(added);
    return added;
  }

  /** Counts were just added: a removed series stays ten minutes from here, so that a scrape sees them. */
  touch(series: BackendSeries): void {
    if (series.removedAtMs !== null) series.removedAtMs = this.#nowMs();
  }

  #named(route: Route, feature: Feature | null): RouteSeries {
    const known = this.#byName.get(route.name);
    if (known !== undefined) return known;
    const series = newRouteSeries(route.name, declaredDecisions(route, feature));
    this.#byName.set(route.name, series);
    return series;
  }

  #declare(route: Route, feature: Feature | null, now: number): void {
    const series = this.#named(route, feature);
    // A table that stood before may come back after its series were given up: its routes must find the new ones.
    if (this.#byRoute.has(route)) this.#byRoute.set(route, series);
    series.isCurrent = true;
    series.feature = (route.action.kind === 'to' && route.action.feature) || '';
    series.decisions = declare(series.decisions, declaredDecisions(route, feature));
    const { fallbacks, fallbacksSkipped, either } = declaredOtherSide(route, feature);
    series.fallbacks = declare(series.fallbacks, fallbacks);
    series.fallbacksSkipped = declare(series.fallbacksSkipped, fallbacksSkipped);
    series.either = declare(series.either, either);
    const backends = backendsOf(route);
    for (const name of backends) this.backendSeries(series, name);
    for (const backend of series.backends) {
      const isLive = backend.backend === NO_BACKEND || backends.includes(backend.backend);
      backend.removedAtMs = isLive ? null : (backend.removedAtMs ?? now);
    }
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

function featureOf({ features }: RouteTable, { action }: Route): Feature | null {
  return action.kind === 'to' && action.feature !== null ? (features[action.feature] ?? null) : null;
}

/** Who may answer a route: either side of a feature, since one word in the file moves it. */
function backendsOf(route: Route): readonly string[] {
  if (route.action.kind !== 'to') return [NO_BACKEND];
  return route.action.feature === null ? ['legacy'] : ['legacy', route.action.feature];
}
