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

const OF_BACKENDS = new Set([
  'url',
  'urls',
  'host',
  'balance',
  'timeouts',
  'max_in_flight',
  'queue',
  'health',
  'breaker',
  'hold_while_down',
  'http2',
]);

/** Settings of the process (flags and variables, not in the file), as somebody would write them here. */
export const SETTING_KEYS: ReadonlySet<string> = new Set([
  'listen',
  'tls_listen',
  'tls_cert',
  'tls_key',
  'tls_redirect',
  'admin',
  'admin_host',
  'state',
  'front',
  'workers',
  'drain_timeout',
  'shutdown_delay',
  'log_level',
  'log_format',
  'log_sample',
  'max_header_size',
  'max_headers',
  'max_url',
  'header_timeout',
  'body_timeout',
  'keep_alive',
  'max_connections',
  'max_connections_per_address',
  'max_buffered',
  'mismatch_log',
  'metrics_buckets',
]);

/** Where an unknown key stands, told by the keys that are known there. */
type Holder = 'route' | 'default' | 'legacy' | 'feature' | 'match' | 'root' | 'other';

/** Why `key` is not among the keys `known` where it stands; null if nothing better can be said than "unknown". */
export function misplacedKey(key: string, known: readonly string[]): string | null {
  return MESSAGES[holderOf(known)](key);
}

function holderOf(known: readonly string[]): Holder {
  const has = (name: string): boolean => known.includes(name);
  if (has('match')) return 'route';
  if (has('repeatable')) return 'default';
  if (has('stage')) return 'feature';
  if (has('hold_while_down')) return 'legacy';
  if (has('hosts')) return 'match';
  return has('legacy_only') ? 'root' : 'other';
}

const MESSAGES: Readonly<Record<Holder, (key: string) => string | null>> = {
  route: (key) => {
    if (CONDITIONS.has(key)) return `"${key}" belongs under "match"`;
    return OF_FEATURES.has(key) ? `"${key}" belongs to the feature, under "features"` : null;
  },
  default: (key) => {
    if (OF_ROUTES.has(key)) return `"default" takes no "${key}": legacy answers what no route takes`;
    if (!FEATURE_SIDE.has(key)) return null;
    return `"${key}" acts on the feature side only, and what no route takes goes to legacy (which has its own)`;
  },
  legacy: (key) => {
    if (OF_FEATURES.has(key)) return `legacy has no "${key}": only a feature has`;
    return isOfRoutes(key) ? `"${key}" belongs to a route, under "routes"` : null;
  },
  feature: (key) => (isOfRoutes(key) ? `"${key}" belongs to a route, under "routes"` : null),
  match: (key) => (OF_ROUTES.has(key) ? `"${key}" belongs to the route, beside "match"` : null),
  root: (key) => {
    if (OF_FEATURES.has(key)) return `"${key}" belongs to a feature, under "features"`;
    if (key === 'tls') return '"tls" belongs to a backend; for clients it is a setting: --tls-listen';
    if (OF_BACKENDS.has(key)) return `"${key}" belongs to a backend: under "legacy", or a feature`;
    // "path" is as likely a slip of "paths".
    if (isOfRoutes(key) && key !== 'path') return `"${key}" belongs to a route, under "routes"`;
    const setting = key.replaceAll('-', '_').toLowerCase();
    if (!SETTING_KEYS.has(setting)) return null;
    return `"${key}" is a setting, not a key of this file: --${setting.replaceAll('_', '-')}`;
  },
  other: () => null,
};

function isOfRoutes(key: string): boolean {
  return OF_ROUTES.has(key) || CONDITIONS.has(key);
}
