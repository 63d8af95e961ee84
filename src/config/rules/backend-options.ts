import { readBackendUrl } from '../backend-url.ts';
import { urlsOf } from '../build-backend.ts';
import { rangesOf } from '../build-health.ts';
import { hostPatternProblem } from '../host-pattern.ts';
import { TOKEN } from '../http-words.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { BackendFile } from '../schema/backend-schema.ts';
import type { Path } from '../schema-check.ts';
import { backendsOf } from './backend-urls.ts';
import type { Rule } from './rule.ts';

type Check = (issues: IssueCollector, backend: BackendFile, path: Path) => void;

const CHECKS: readonly Check[] = [
  tlsNeedsHttps,
  certGoesWithKey,
  hostCanBeSent,
  cookieHasName,
  queueNeedsLimit,
  healthCanBeAsked,
  breakerRests,
];

/** What a backend's options need of each other. */
export const backendOptions: Rule = (context) => {
  for (const { backend, path } of backendsOf(context)) {
    if (typeof backend === 'string') continue;
    for (const check of CHECKS) check(context.issues, backend, path);
  }
};

function tlsNeedsHttps(issues: IssueCollector, backend: BackendFile, path: Path): void {
  if (backend.tls === undefined) return;
  const readings = urlsOf(backend).map(readBackendUrl);
  const isPlain = readings.length > 0 && readings.every((reading) => 'url' in reading && !reading.url.secure);
  if (isPlain) issues.error([...path, 'tls'], '"tls" needs an https:// url', 'key');
}

function certGoesWithKey(issues: IssueCollector, { tls }: BackendFile, path: Path): void {
  if (tls === undefined || (tls.cert === undefined) === (tls.key === undefined)) return;
  const [has, lacks] = tls.cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  if (issues.isWhole([...path, 'tls']))
    issues.error([...path, 'tls', has], `"${has}" needs "${lacks}" beside it`, 'key');
}

function hostCanBeSent(issues: IssueCollector, { host, tls }: BackendFile, path: Path): void {
  if (host !== undefined && host !== 'keep' && host !== 'backend') {
    const name = host.replace(/:\d{1,5}$/, '');
    const problem = name.includes('*') ? `"${host}" is not a host name` : hostPatternProblem(name);
    if (problem !== null) issues.error([...path, 'host'], `${problem} ("host" is keep, backend or a name)`);
  }
  const serverName = tls?.server_name;
  if (serverName !== undefined && (serverName.includes('*') || hostPatternProblem(serverName) !== null)) {
    issues.error([...path, 'tls', 'server_name'], `"${serverName}" is not a host name`);
  }
}

function cookieHasName(issues: IssueCollector, { balance }: BackendFile, path: Path): void {
  if (!balance?.startsWith('cookie:') || TOKEN.test(balance.slice('cookie:'.length))) return;
  issues.error([...path, 'balance'], `"${balance.slice('cookie:'.length)}" is not a cookie's name`);
}

function healthCanBeAsked(issues: IssueCollector, { health }: BackendFile, path: Path): void {
  if (health === undefined || health === false) return;
  const at = (key: string): Path => [...path, 'health', key];
  if (health.path !== undefined && !REQUEST_PATH.test(health.path)) {
    const problem = 'must begin with "/" and hold no spaces, no "#" and only printable ASCII';
    issues.error(at('path'), `"path" of a check ${problem}`);
  }
  for (const key of ['interval', 'timeout'] as const)
    if (health[key] === 0) issues.error(at(key), `"${key}" of a check must be longer than 0`);
  if (health.expect === undefined) return;
  for (const [from, to] of rangesOf(health.expect))
    if (from > to) issues.error(at('expect'), `"${from}-${to}" has no status in it: write "${to}-${from}"`);
}

/** What may stand in a request line as path and query (RFC 9112 section 3.2). */
const REQUEST_PATH = /^\/[!"$-~]*$/;

function breakerRests(issues: IssueCollector, { breaker }: BackendFile, path: Path): void {
  if (typeof breaker !== 'object' || breaker.cooldown !== 0) return;
  issues.error([...path, 'breaker', 'cooldown'], '"cooldown" of a breaker must be longer than 0');
}

function queueNeedsLimit(issues: IssueCollector, backend: BackendFile, path: Path): void {
  if ((backend.queue ?? 0) === 0 || (backend.max_in_flight ?? 0) > 0 || !issues.isWhole(path)) return;
  issues.warning([...path, 'queue'], '"queue" does nothing without "max_in_flight"', 'key');
}
