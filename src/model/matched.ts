import type { Failure } from './failure.ts';
import type { RequestTraits } from './request.ts';
import type { Route } from './route-table.ts';

/** A request that a route takes. */
export interface Matched {
  readonly route: Route;
  /** Which of the route's alternatives took it: index into `route.matches`. */
  readonly alternative: number;
  /** What is sent where nothing is rewritten: the client's own bytes, or N with its parameters (docs/matching.md). */
  readonly path: string;
  /** N: unreserved triplets decoded, dot segments resolved, slashes merged, `;parameters` kept. Rewrites act on it. */
  readonly normalPath: string;
}

/** A request that no route may take. */
export interface Refused {
  readonly failure: Extract<Failure, 'malformed_request' | 'ambiguous_path' | 'ambiguous_query'>;
  /** For the log and `explain`, never sent to a client: which reading picked which route. */
  readonly detail: string;
}

/** What `match` says of a request. */
export type MatchResult = Matched | Refused;

/** True if no route may take the request. */
export function isRefused(result: MatchResult): result is Refused {
  return 'failure' in result;
}

/** One alternative that was asked on the way to a route, for `explain`. */
export interface Considered {
  readonly route: Route;
  /** Index into `route.matches`. */
  readonly alternative: number;
  /** The first condition that did not hold, in words: `header x-app: wanted "ios", got none`; null for the winner. */
  readonly failed: string | null;
}

/** The alternatives asked, in precedence order, the winner last; the default route is not among them. */
export interface Consideration {
  readonly considered: readonly Considered[];
  /** How many more were left out, in tables too large to list: all of them failed by their host or path. */
  readonly leftOut: number;
}

/** Finds the route of a request. Built once per table; its cost per request does not grow with the routes. */
export interface Matcher {
  match(traits: RequestTraits): MatchResult;
  /** How a route is found, alternative by alternative: for `explain`, and as slow as the table is large. */
  consider(traits: RequestTraits): Consideration;
}
