import {
  type BackendStatus,
  type CapacityStatus,
  ENDPOINT_STATES,
  type EndpointStatus,
  type NameStatus,
} from '../model/backend-status.ts';
import type { FeatureUse, OpenExchanges } from '../model/feature-use.ts';
import type { LiveView } from '../model/live-view.ts';
import { newestOf } from '../model/recent-refusal.ts';

/**
 * What the workers say of backends, as one: requests are summed; an endpoint is shown as the worker sees it that has
 * the most trouble with it; of a name, the latest answer counts.
 */
export function mergeLive(views: readonly LiveView[]): LiveView {
  return {
    backends: merged(
      views.flatMap(({ backends }) => backends),
      ({ backend }) => backend,
      mergeBackends,
    ),
    capacities: merged(
      views.flatMap(({ capacities }) => capacities),
      ({ backend }) => backend,
      addCapacities,
    ),
    open: merged(
      views.flatMap(({ open }) => open),
      ({ backend }) => backend,
      addOpen,
    ),
    uses: merged(
      views.flatMap(({ uses }) => uses),
      ({ feature }) => feature,
      addUses,
    ),
    refusals: newestOf(views.flatMap(({ refusals }) => refusals)),
  };
}

/** One item for each key, in the order in which they were first seen. */
function merged<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  merge: (one: Item, other: Item) => Item,
): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const known = byKey.get(keyOf(item));
    byKey.set(keyOf(item), known === undefined ? item : merge(known, item));
  }
  return [...byKey.values()];
}

function mergeBackends(one: BackendStatus, other: BackendStatus): BackendStatus {
  return {
    ...one,
    endpoints: merged(
      [...one.endpoints, ...other.endpoints],
      ({ hostname, address, port, secure }) => `${hostname} ${address} ${port} ${secure}`,
      mergeEndpoints,
    ),
    names: merged([...one.names, ...other.names], ({ host }) => host, laterName),
  };
}

function mergeEndpoints(one: EndpointStatus, other: EndpointStatus): EndpointStatus {
  const trouble = ({ state }: EndpointStatus): number => ENDPOINT_STATES.indexOf(state);
  const worse = trouble(other) > trouble(one) ? other : one;
  return { ...worse, inFlight: one.inFlight + other.inFlight };
}

function laterName(one: NameStatus, other: NameStatus): NameStatus {
  return (other.answeredAt ?? 0) > (one.answeredAt ?? 0) ? other : one;
}

/** `maxInFlight` adds up too: each worker has its part. */
function addCapacities(one: CapacityStatus, other: CapacityStatus): CapacityStatus {
  return {
    ...one,
    inFlight: one.inFlight + other.inFlight,
    maxInFlight: one.maxInFlight + other.maxInFlight,
    waiting: one.waiting + other.waiting,
  };
}

function addOpen(one: OpenExchanges, other: OpenExchanges): OpenExchanges {
  return {
    ...one,
    requests: one.requests + other.requests,
    streams: one.streams + other.streams,
    upgrades: one.upgrades + other.upgrades,
  };
}

/** A worker that was replaced counts its writes from its own start: the first start of all is told. */
function addUses(one: FeatureUse, other: FeatureUse): FeatureUse {
  const since = [one.writesSince, other.writesSince].filter((time) => time !== null);
  return {
    ...one,
    recent: {
      legacy: one.recent.legacy + other.recent.legacy,
      feature: one.recent.feature + other.recent.feature,
    },
    writes: one.writes + other.writes,
    writesSince: since.length === 0 ? null : Math.min(...since),
  };
}
