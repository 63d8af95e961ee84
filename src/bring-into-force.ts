import type { Forwarder } from './forward/forwarder.ts';
import type { LiveCapacity } from './live/capacity.ts';
import type { LiveEndpoints } from './live/endpoints.ts';
import type { Observer } from './model/ports.ts';
import type { LegacyOnly } from './model/route-table.ts';
import { type InForce, isTakenBack } from './routes-in-force.ts';

/** The parts whose state follows the table. */
export interface PartsThatFollow {
  readonly endpoints: LiveEndpoints;
  readonly capacity: LiveCapacity;
  readonly observer: Observer;
  readonly forwarder: Forwarder;
  /** The table in force, then and later. */
  readonly current: () => InForce | null;
}

/** How long `legacy_only` leaves a feature's upgrades and streams (docs/routes.md). */
const LEGACY_ONLY_GRACE_MS = 5_000;
/** How long the first questions to DNS may hold up a table, at the start too. */
const FIRST_DNS_MS = 200;

/** The way of a table: every part that keeps state by it is told. It is in force as soon as this resolves. */
export async function bringIntoForce(next: InForce, parts: PartsThatFollow): Promise<void> {
  parts.endpoints.tableChanged(next.table);
  // A new backend's first requests should find its addresses known.
  await parts.endpoints.firstAnswers(FIRST_DNS_MS);
  parts.capacity.tableChanged(next.table);
  parts.observer.tableChanged(next.table);
  // Else each of a storm of reloads would hold its table for those seconds.
  if (!namesAnything(next.table.legacyOnly)) return;
  // `legacy_only` is at once for requests; upgrades and streams of the feature get some seconds.
  setTimeout(() => takeBack(next, parts), LEGACY_ONLY_GRACE_MS).unref();
}

function namesAnything({ everything, features, routes }: LegacyOnly): boolean {
  return everything || features.length > 0 || routes.length > 0;
}

/** Ends what this table took back, if the table of now still does: each has had its full time. */
function takeBack(since: InForce, { forwarder, current }: PartsThatFollow): void {
  const now = current();
  if (now === null) return;
  forwarder.endLongLived((decision) => isTakenBack(decision, since) && isTakenBack(decision, now));
}
