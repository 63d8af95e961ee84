import type { ForwardDecision } from '../model/decision.ts';
import type { Matched } from '../model/matched.ts';

/**
 * The path that is sent (docs/routes.md). Legacy always gets the client's own path; a feature gets it
 * too, unless the route rewrites: then N is rewritten. The query is never touched, and no URL object is built.
 */
export function pathToSend(decision: ForwardDecision, matched: Matched): string {
  const { rewrite } = decision.route.policy;
  if (decision.side === 'legacy' || rewrite.kind === 'none') return matched.path;
  const rest = matched.normalPath.slice(matchedPrefix(matched).length);
  const prefix = rewrite.kind === 'strip_prefix' ? '' : withoutTrailingSlash(rewrite.prefix);
  const path = prefix + rest;
  return path.startsWith('/') ? path : `/${path}`;
}

/** What the feature does not see of the path, since the route strips it; '' for nothing. */
export function strippedPrefix(decision: ForwardDecision, matched: Matched): string {
  const isStripped = decision.side === 'feature' && decision.route.policy.rewrite.kind === 'strip_prefix';
  return isStripped ? matchedPrefix(matched) : '';
}

/** What the route's prefix matched of N: as many segments as it has. '' for `/`. */
function matchedPrefix(matched: Matched): string {
  const path = matched.route.matches[matched.alternative]?.path;
  if (path?.kind !== 'prefix') return '';
  let at = 0;
  for (let segments = segmentCount(path.value); segments > 0; segments--) {
    const slash = matched.normalPath.indexOf('/', at + 1);
    at = slash === -1 ? matched.normalPath.length : slash;
  }
  return matched.normalPath.slice(0, at);
}

function segmentCount(prefix: string): number {
  return prefix === '/' ? 0 : prefix.split('/').length - 1;
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
