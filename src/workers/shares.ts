/**
 * How limits are divided among workers. Each worker counts for itself, since asking another process for every request
 * would cost more than the request; so each gets a part of the number, and the parts add up to it. Never less than 1:
 * a limit below the number of workers is that number in effect, which is warned of.
 */
import type { Backend, Fallback, Feature, RouteTable } from '../model/route-table.ts';
import type { Shadow } from '../model/shadow-block.ts';
import type { Settings } from '../settings.ts';

/** Which part of the whole: that of worker 1 … `workers`. */
export interface Portion {
  readonly worker: number;
  readonly workers: number;
}

/** A worker's part of a limit. The first ones get what does not divide evenly. 0 stays 0: no limit. */
export function shareOf(limit: number, { worker, workers }: Portion): number {
  if (limit === 0) return 0;
  const left = limit % workers;
  return Math.max(1, Math.floor(limit / workers) + (worker <= left ? 1 : 0));
}

/** The table by which one worker serves: the same but for `max_in_flight`. */
export function tableShare(table: RouteTable, portion: Portion): RouteTable {
  if (portion.workers === 1) return table;
  const features = Object.entries(table.features).map(([name, feature]) => [
    name,
    featureShare(feature, portion),
  ]);
  return Object.freeze({
    ...table,
    legacy: backendShare(table.legacy, portion),
    features: Object.freeze(Object.fromEntries(features)),
  });
}

function featureShare(feature: Feature, portion: Portion): Feature {
  const backend = backendShare(feature.backend, portion);
  const fallback = fallbackShare(feature.fallback, portion);
  const shadow = shadowShare(feature.shadow, portion);
  const isWhole = backend === feature.backend && fallback === feature.fallback && shadow === feature.shadow;
  return isWhole ? feature : Object.freeze({ ...feature, backend, fallback, shadow });
}

function fallbackShare(fallback: Fallback | null, portion: Portion): Fallback | null {
  if (fallback === null || fallback.maxInFlight === 0) return fallback;
  return Object.freeze({ ...fallback, maxInFlight: shareOf(fallback.maxInFlight, portion) });
}

function shadowShare(shadow: Shadow | null, portion: Portion): Shadow | null {
  if (shadow === null || shadow.maxInFlight === 0) return shadow;
  return Object.freeze({ ...shadow, maxInFlight: shareOf(shadow.maxInFlight, portion) });
}

function backendShare(backend: Backend, portion: Portion): Backend {
  if (backend.maxInFlight === 0) return backend;
  return Object.freeze({ ...backend, maxInFlight: shareOf(backend.maxInFlight, portion) });
}

/**
 * The settings by which one worker serves. The limit per address stays whole: an address has few connections, which
 * do not spread evenly, and nobody should be refused below the limit.
 */
export function settingsShare(settings: Settings, portion: Portion): Settings {
  return Object.freeze({
    ...settings,
    maxConnections: shareOf(settings.maxConnections, portion),
    maxBuffered: shareOf(settings.maxBuffered, portion),
  });
}

/** A warning for each `max_in_flight` that cannot be divided among so many. */
export function limitsBelowWorkers(table: RouteTable, workers: number): string[] {
  return limitsOf(table)
    .filter(({ maxInFlight }) => maxInFlight > 0 && maxInFlight < workers)
    .map(
      ({ of, maxInFlight }) =>
        `max_in_flight of ${of} is ${maxInFlight} and there are ${workers} workers: each lets at least one through, so ${workers} in all`,
    );
}

function limitsOf({ legacy, features }: RouteTable): { of: string; maxInFlight: number }[] {
  const ofFeatures = Object.values(features).flatMap(({ name, backend, fallback, shadow }) => [
    { of: name, maxInFlight: backend.maxInFlight },
    { of: `the fallback of ${name}`, maxInFlight: fallback?.maxInFlight ?? 0 },
    { of: `the shadow of ${name}`, maxInFlight: shadow?.maxInFlight ?? 0 },
  ]);
  return [{ of: legacy.name, maxInFlight: legacy.maxInFlight }, ...ofFeatures];
}
