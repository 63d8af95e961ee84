/**
 * Which of several endpoints takes an attempt. First by how good they are (fine, spare, ejected; those that are
 * unhealthy or whose breaker is open take none), then among the best:
 * with an affinity the highest rendezvous hash, so that an endpoint that comes or goes moves only its own clients;
 * else the less busy of two drawn at random, which is nearly as even as the least busy of all and does not send
 * everyone to a newcomer.
 */
import type { Endpoint } from '../model/ports.ts';
import { mixHashes } from './hash-text.ts';
import { FINE, type LiveEndpoint, UNHEALTHY } from './live-endpoint.ts';

/** How to choose. */
export interface Choice {
  /** Hash of what the client is known by; null: any endpoint does. */
  readonly affinity: number | null;
  readonly exclude: readonly Endpoint[];
  /** Monotonic, ms. */
  readonly now: number;
  /** 0 … 1 */
  readonly random: () => number;
}

/** From here on an endpoint takes none. */
const EXCLUDED = UNHEALTHY;

/**
 * The endpoint to use; null: none can be. Allocates nothing. Of two or more that are all unhealthy all are used: then it
 * is the check that is wrong, or nothing could be lost.
 */
export function chooseEndpoint(endpoints: readonly LiveEndpoint[], choice: Choice): LiveEndpoint | null {
  const chosen = chooseAmong(endpoints, choice, rankOf);
  if (chosen !== null || endpoints.length < 2 || !endpoints.every(isUnhealthy)) return chosen;
  return chooseAmong(endpoints, choice, rankIfAllAreUnhealthy);
}

/** The lower the better; {@link EXCLUDED} and above: not at all. */
type RankOf = (endpoint: LiveEndpoint, choice: Choice) => number;

function chooseAmong(
  endpoints: readonly LiveEndpoint[],
  choice: Choice,
  rankOf: RankOf,
): LiveEndpoint | null {
  let best = EXCLUDED;
  let count = 0;
  for (const endpoint of endpoints) {
    const rank = rankOf(endpoint, choice);
    if (rank < best) {
      best = rank;
      count = 0;
    }
    if (rank === best) count++;
  }
  if (best === EXCLUDED) return null;
  const among = { endpoints, rank: best, count, rankOf };
  return choice.affinity === null
    ? lessBusyOfTwo(among, choice)
    : highestHash(among, choice, choice.affinity);
}

interface Among {
  readonly endpoints: readonly LiveEndpoint[];
  readonly rank: number;
  /** How many of the endpoints have this rank. */
  readonly count: number;
  readonly rankOf: RankOf;
}

function rankOf(endpoint: LiveEndpoint, { exclude, now }: Choice): number {
  if (exclude.length > 0 && exclude.includes(endpoint)) return EXCLUDED;
  return endpoint.rank(now);
}

function isUnhealthy({ health }: LiveEndpoint): boolean {
  return health === 'unhealthy';
}

function rankIfAllAreUnhealthy(endpoint: LiveEndpoint, choice: Choice): number {
  const rank = rankOf(endpoint, choice);
  return rank === UNHEALTHY && !choice.exclude.includes(endpoint) ? FINE : rank;
}

function lessBusyOfTwo(among: Among, choice: Choice): LiveEndpoint {
  const first = Math.floor(choice.random() * among.count);
  const one = nth(among, choice, first);
  if (among.count === 1) return one;
  const step = 1 + Math.floor(choice.random() * (among.count - 1));
  const other = nth(among, choice, (first + step) % among.count);
  return other.inFlight < one.inFlight ? other : one;
}

function nth({ endpoints, rank, rankOf }: Among, choice: Choice, index: number): LiveEndpoint {
  let left = index;
  for (const endpoint of endpoints) {
    if (rankOf(endpoint, choice) === rank && left-- === 0) return endpoint;
  }
  throw new RangeError('fewer endpoints of this rank than were counted');
}

function highestHash({ endpoints, rank, rankOf }: Among, choice: Choice, affinity: number): LiveEndpoint {
  let winner: LiveEndpoint | null = null;
  let highest = -1;
  for (const endpoint of endpoints) {
    if (rankOf(endpoint, choice) !== rank) continue;
    const hash = mixHashes(endpoint.hash, affinity);
    if (hash > highest) {
      highest = hash;
      winner = endpoint;
    }
  }
  return winner as LiveEndpoint;
}
