import type { BackendState, RouterState } from './router-state.ts';

/** What a router says of a feature, in sentences. */

/** Who answers on a feature's routes now, and why, as a clause: `the feature answers`. */
export function whoAnswers(state: RouterState, feature: string): string {
  const routes = state.routes.filter((route) => route.feature === feature);
  if (routes.length === 0) return 'no route leads to it';
  const reasons = new Set(routes.map(({ reason }) => reason));
  const held = routes.filter(({ reason }) => reason === 'legacy_only');
  if (held.length === routes.length) return 'legacy answers, since legacy_only names it';
  if (reasons.has('rollback')) return 'legacy answers, since auto_rollback took the feature back';
  const rest =
    held.length === 0 ? '' : `, but for ${listed(held.map(({ name }) => name))}, which legacy_only names`;
  return `${whoByStage(state, feature, routes[0]?.stage ?? null)}${rest}`;
}

function whoByStage(state: RouterState, feature: string, stage: string | null): string {
  switch (stage) {
    case 'legacy':
      return 'legacy answers';
    case 'shadow':
      return 'legacy answers, and the feature gets copies';
    case 'canary': {
      const share = backendOf(state, feature)?.feature?.share;
      return share == null
        ? 'the feature answers a share of the clients'
        : `the feature answers ${share} % of the clients`;
    }
    default:
      return 'the feature answers';
  }
}

/** What auto_rollback says of a feature; null if it has none, or is not being judged. */
export function rollbackWords({ rollbacks }: RouterState, feature: string): string | null {
  const found = rollbacks.find((rollback) => rollback.feature === feature);
  if (found === undefined) return null;
  const { rolled_back: taken, says } = found;
  if (taken == null) return says == null ? null : `auto_rollback: ${says}`;
  const end = taken.until == null ? (taken.ends ?? 'its block is edited') : timeText(taken.until);
  const why = taken.why == null ? '' : `: ${taken.why}`;
  return `auto_rollback took it back, ${timeText(taken.since ?? '')}${why}. It stays so until: ${end}`;
}

/** What was compared of a feature, if that is anything; null otherwise. */
export function shadowNote(state: RouterState, feature: string): string | null {
  const found = state.shadows.find((shadow) => shadow.feature === feature);
  const isInShadow = backendOf(state, feature)?.feature?.stage === 'shadow';
  if (found?.says == null || (found.compared === 0 && !isInShadow)) return null;
  const more = found.verdict === 'not_ready' ? ` (banyan mismatches ${feature})` : '';
  return `compared: ${found.says}${more}`;
}

/** What was compared of each of its routes, where there are several: a sentence for each of which anything was. */
export function shadowRouteNotes(state: RouterState, feature: string): string[] {
  const routes = state.shadows.find((shadow) => shadow.feature === feature)?.routes ?? [];
  if (routes.length < 2) return [];
  const compared = routes.filter(({ compared, says }) => (compared ?? 0) > 0 && says != null);
  return compared.map(({ route, says }) => `    route "${route}": ${says}`);
}

/** A time of the router's for people: `2026-01-02 03:04:05 UTC`. */
export function timeText(iso: string): string {
  return iso.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC');
}

/** `2 requests, 1 event stream`; null when nothing is open, or the router does not say. */
export function openWords(backend: BackendState | undefined): string | null {
  const open = backend?.open ?? { requests: backend?.in_flight ?? 0, streams: 0, upgrades: 0 };
  const parts = [
    counted(open.requests, 'request'),
    counted(open.streams, 'event stream'),
    counted(open.upgrades, 'upgraded connection'),
  ].filter((part) => part !== '');
  return parts.length === 0 ? null : parts.join(', ');
}

/** What is still open on a feature that was taken back, and what it wrote, one sentence a line. */
export function leftBehind(state: RouterState, feature: string, isCutSoon: boolean): string[] {
  const backend = backendOf(state, feature);
  const open = openWords(backend);
  const lasting = (backend?.open?.streams ?? 0) + (backend?.open?.upgrades ?? 0);
  const lines = [
    open === null
      ? `Nothing is open on ${feature}.`
      : `Still open on ${feature}: ${open}. They end where they began.`,
  ];
  if (lasting > 0 && isCutSoon) lines.push('Event streams and upgraded connections end after 5 s.');
  else if (lasting > 0)
    lines.push(`To end event streams and upgraded connections too: banyan legacy-only on ${feature}`);
  return [...lines, ...writesWords(backend, feature)];
}

function writesWords(backend: BackendState | undefined, feature: string): string[] {
  const { writes, writes_since: since } = backend?.feature ?? {};
  if (writes == null || since == null) return [];
  const count = writes === 0 ? 'no writes' : counted(writes, 'write');
  const rest = writes === 0 ? '' : ' What it wrote stays with it: nothing brings it to legacy.';
  return [`${feature} took ${count} (requests that are not repeatable) since ${timeText(since)}.${rest}`];
}

/** The backend of that name. */
export function backendOf({ backends }: RouterState, name: string): BackendState | undefined {
  return backends.find((backend) => backend.name === name);
}

/** `1 request`, `2 requests`; '' for none. */
export function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function listed(all: readonly string[]): string {
  return all.map((name) => `"${name}"`).join(', ');
}
