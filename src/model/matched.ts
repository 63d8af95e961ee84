import type { Failure } from './failure.ts';
import type { RequestTraits } from './request.ts';
import type { Route } from './route-table.ts';

/** A request that a route takes. */
export interface Matched {
  readonly route: Route;
  /** Which of the route's alternatives took it: index into `route.matches`. */
  readonly alternative: number;
  /** What is sent where nothing is rewritten: the client's own bytes, or N with its parameters (design: one path). */
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

export type MatchResult = Matched | Refused;

export function isRefused(result: MatchResult): result is Refused {
  return 'failure' in result;
}

/** Finds the route of a request. Built once per table; its cost per request does not grow with the routes. */
export interface Matcher {
  match(traits: RequestTraits): MatchResult;
}
