/** Keys that exist, but not where they were written: the message says where, or why not here. */

const CONDITIONS = new Set([
  'any',
  'hosts',
  'prefix',
  'path',
  'regex',
  'methods',
  'headers',
  'query',
  'cookies',
]);
const FEATURE_SIDE = new Set(['rewrite', 'request_headers', 'timeouts']);
const OF_ROUTES = new Set(['name', 'match', 'to', 'pin', 'redirect', 'respond']);
const OF_FEATURES = new Set(['stage', 'canary', 'testers', 'fallback', 'auto_rollback', 'shadow']);

/** Why `key` is not among the keys `known` where it stands; null if nothing better can be said than "unknown". */
export function misplacedKey(key: string, known: readonly string[]): string | null {
  const has = (name: string): boolean => known.includes(name);
  const isRoute = has('match') && has('to');
  const isDefault = has('repeatable') && !isRoute;
  const isBackend = has('hold_while_down');
  if (isRoute && CONDITIONS.has(key)) return `"${key}" belongs under "match"`;
  if (isRoute && OF_FEATURES.has(key)) return `"${key}" belongs to the feature, under "features"`;
  if (isDefault && FEATURE_SIDE.has(key)) {
    return `"${key}" acts on the feature side only, and what no route takes goes to legacy (which has its own)`;
  }
  if (isDefault && OF_ROUTES.has(key))
    return `"default" takes no "${key}": legacy answers what no route takes`;
  if (isBackend && !has('stage') && OF_FEATURES.has(key)) return `legacy has no "${key}": only a feature has`;
  if (isBackend && (OF_ROUTES.has(key) || CONDITIONS.has(key)))
    return `"${key}" belongs to a route, under "routes"`;
  if (has('any') || has('hosts'))
    return OF_ROUTES.has(key) ? `"${key}" belongs to the route, beside "match"` : null;
  if (has('legacy_only') && OF_FEATURES.has(key)) return `"${key}" belongs to a feature, under "features"`;
  return null;
}
