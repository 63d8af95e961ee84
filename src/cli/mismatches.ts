/**
 * `banyan mismatches FEATURE`: what differs between a feature and legacy, by field, for whoever mends it and for whoever
 * decides. The router has counted and redacted it; here it is only set out.
 */
import { DidYouMean } from '../config/did-you-mean.ts';
import type { ListenAddress } from '../model/listen-address.ts';
import { type AdminClient, adminClient } from './admin-client.ts';
import { EXIT } from './cli-io.ts';
import { timeText } from './feature-words.ts';
import { readConfig, readRouter } from './router-state.ts';
import { readShadow, type ShadowRouteState, type ShadowState } from './shadow-state.ts';
import type { VerbResult } from './validate.ts';

/** What `banyan mismatches` takes. */
export interface MismatchesOptions {
  readonly feature: string;
  readonly admin: ListenAddress;
  readonly json: boolean;
  /** Fields of each route that are shown; 0: all. */
  readonly limit: number;
}

/** What differs. Exits 0, also when nothing does; 1 when there is no router, or no such feature. */
export async function mismatches({ feature, admin, json, limit }: MismatchesOptions): Promise<VerbResult> {
  const client = adminClient(admin);
  const page = await client.ask(`/api/shadow/${encodeURIComponent(feature)}`);
  const state = readShadow(page);
  if (state === null) {
    const problem = await whyNone(client, feature);
    const output = json ? JSON.stringify({ feature, problem }, null, 2) : problem;
    return { exitCode: EXIT.failed, output: `${output}\n` };
  }
  const output = json ? JSON.stringify(page, null, 2) : asText(state, limit);
  return { exitCode: EXIT.ok, output: `${output}\n` };
}

async function whyNone(client: AdminClient, feature: string): Promise<string> {
  if ((await readConfig(client)) === null)
    return `No router answers at ${client.url} (--admin names another).`;
  const list = (await client.ask('/api/shadow')) as { features?: unknown } | null;
  const states = Array.isArray(list?.features) ? list.features.map(readShadow) : [];
  const names = states.flatMap((state) => state?.feature ?? []);
  const how = (await isFeature(client, feature)) ? ` What begins it: banyan set ${feature} shadow` : '';
  if (names.length === 0)
    return `Nothing is compared: no feature has a "shadow" block, and none is in stage shadow.${how}`;
  const meant = how === '' ? new DidYouMean().hint(feature, names) : '';
  return `Nothing of "${feature}" is compared${meant}. Compared: ${names.join(', ')}.${how}`;
}

async function isFeature(client: AdminClient, name: string): Promise<boolean> {
  const state = await readRouter(client);
  return state?.backends.some((backend) => backend.name === name && backend.feature != null) ?? false;
}

function asText(state: ShadowState, limit: number): string {
  const { feature, says, since, routes } = state;
  const head = `${feature}: ${says ?? '?'}\nCompared since ${timeText(since ?? '?')}. An edit of its block in routes.yaml begins anew.`;
  const compared = routes.filter(({ counts }) => Object.values(counts).some((count) => count !== 0));
  const parts = compared.map((route) => {
    const says = compared.length === 1 ? '' : `: ${route.says ?? '?'}`;
    return `Route ${route.route}${says}\n${routeText(route, limit)}`;
  });
  const none = compared.length > 0 ? '' : NOTHING;
  return [head, none, ...parts, noiseText(state)].filter((part) => part !== '').join('\n\n');
}

/** A feature that is only written to, or answers by 304 alone, has no copies for ever. */
const NOTHING =
  'If its routes are asked and nothing is compared, banyan_shadow_skipped_total on /metrics counts by reason what is not copied.';

function routeText(route: ShadowRouteState, limit: number): string {
  const { counts, reasons, times } = route;
  const lines = [
    `  same ${counts.match}, same but for noise ${counts.noise}, different ${counts.mismatch}, not built ${counts.not_built}, no answer ${counts.error}, skipped ${counts.skipped}`,
    ...reasons.map(({ reason, count }) => `    ${count}× ${reason}`),
  ];
  if (times?.says != null) lines.push(`  ${times.says}`);
  const fields = [...byField(route).entries()];
  const shown = limit === 0 ? fields : fields.slice(0, limit);
  for (const [field, ways] of shown) lines.push('', ...fieldLines(field, ways));
  if (fields.length > shown.length)
    lines.push(
      '',
      `  … and ${fields.length - shown.length} more ${fields.length - shown.length === 1 ? 'field' : 'fields'} (--limit 0 shows all)`,
    );
  return lines.join('\n');
}

type Way = ShadowRouteState['fields'][number];

/** A field may differ in several ways: a list that is cut after so many entries has others when it is in another order. */
function byField({ fields }: ShadowRouteState): Map<string, Way[]> {
  const grouped = new Map<string, Way[]>();
  for (const way of fields) grouped.set(way.field, [...(grouped.get(way.field) ?? []), way]);
  return grouped;
}

function fieldLines(field: string, ways: readonly Way[]): string[] {
  const lines = ways.map(({ count, says }) => `  ${count}× ${says ?? field}`);
  lines.push(`      ${field}`);
  const example = ways[0]?.examples[0];
  if (example !== undefined)
    lines.push(
      `      legacy:  ${example.legacy ?? '(nothing)'}`,
      `      feature: ${example.feature ?? '(nothing)'}`,
    );
  const accept = ways.length === 1 ? ways[0]?.accept : null;
  if (accept != null) lines.push(`      if that is all right, under compare:  ${accept}`);
  return lines;
}

function noiseText({ routes, noise_share: share, ignore_block: block }: ShadowState): string {
  const learnt = new Set(
    routes.flatMap(({ noise }) =>
      (noise?.fields ?? []).filter((one) => one.learnt).map(({ field }) => field),
    ),
  );
  const differs = routes.some(({ fields }) => fields.length > 0);
  if (learnt.size === 0) {
    const isOff = share === 0 && differs;
    return isOff
      ? 'Legacy is not asked twice, so what differs by itself (times, ids) is not known: "noise: 1%" under shadow finds it.'
      : '';
  }
  const what = `${learnt.size} ${learnt.size === 1 ? 'field differs' : 'fields differ'} even between two answers of legacy. That is noise, and does not count:`;
  const lines = [what, ...[...learnt].map((field) => `  ${field}`)];
  if (block != null && block !== '')
    lines.push('', 'To have it ignored for good, in routes.yaml:', '', block.trimEnd());
  return lines.join('\n');
}
