import { isExact, type PathPattern } from './path-pattern.ts';
import type { Match } from './route-table.ts';

/**
 * Which of two alternatives is asked first. It is the order of the Gateway API, whose HTTPRouteRule says: precedence
 * must be given to the rule with the most "characters in a matching non-wildcard hostname", then in a matching
 * hostname; then, among matches, to an "Exact" path match, to a "Prefix" path match with the largest number of
 * characters, to a method match, to the largest number of header matches, to the largest number of query param
 * matches; and ties go to the one that comes first. What it leaves to implementations is settled
 * here (docs/matching.md): segments are compared before characters, parameters come after literals, cookies count as headers,
 * and a regular expression counts by its literal head.
 *
 * The order does not depend on a request: the first alternative in it whose conditions all hold is the winner.
 */
export interface Ranked {
  /** One host of the match, or '' for any. */
  readonly host: string;
  readonly pattern: PathPattern;
  readonly match: Match;
  /** Position of the route in the file. */
  readonly routeIndex: number;
  /** Position of the match in its route. */
  readonly alternative: number;
}

/** Negative if `a` is asked before `b`. */
export function comparePrecedence(a: Ranked, b: Ranked): number {
  return (
    hostRank(b.host) - hostRank(a.host) || comparePatterns(a.pattern, b.pattern) || compareConditions(a, b)
  );
}

/** Order of alternatives that have the same host and the same path: what is left of the order. */
export function compareConditions(a: Ranked, b: Ranked): number {
  return (
    Number(b.match.methods.length > 0) - Number(a.match.methods.length > 0) ||
    b.match.headers.length + b.match.cookies.length - (a.match.headers.length + a.match.cookies.length) ||
    b.match.query.length - a.match.query.length ||
    a.routeIndex - b.routeIndex ||
    a.alternative - b.alternative
  );
}

/** Order of path conditions. */
export function comparePatterns(a: PathPattern, b: PathPattern): number {
  return (
    Number(isExact(b)) - Number(isExact(a)) ||
    compareSegments(a.segments, b.segments) ||
    // The whole path says more than a prefix of it.
    Number(b.kind === 'path') - Number(a.kind === 'path') ||
    b.characters - a.characters ||
    Number(a.kind === 'regex') - Number(b.kind === 'regex')
  );
}

/** Exact names, then wildcards by their labels, then any host. */
function hostRank(host: string): number {
  if (host === '') return 0;
  return host.startsWith('*.') ? host.split('.').length : Number.MAX_SAFE_INTEGER;
}

/** From the left: a literal, then a parameter, then nothing. */
function compareSegments(a: readonly (string | null)[], b: readonly (string | null)[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const difference = segmentRank(b[i]) - segmentRank(a[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function segmentRank(segment: string | null | undefined): number {
  if (segment === undefined) return 0;
  return segment === null ? 1 : 2;
}
