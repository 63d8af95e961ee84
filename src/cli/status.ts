/**
 * `banyan status`: what is in force, asked of the running router; without one, what the file says. It shows what the
 * router tells and leaves out what it does not, since the two may be of different versions.
 */
import { formatIssue, summarizeIssues } from '../config/format-issue.ts';
import { loadRoutes } from '../config/load-routes.ts';
import type { ListenAddress } from '../model/listen-address.ts';
import type { RouteTable } from '../model/route-table.ts';
import { adminClient } from './admin-client.ts';
import { type CliIo, EXIT } from './cli-io.ts';
import {
  backendOf,
  openWords,
  rollbackWords,
  shadowNote,
  shadowRouteNotes,
  timeText,
  whoAnswers,
} from './feature-words.ts';
import { type BackendState, type ConfigState, type RouterState, readRouter } from './router-state.ts';
import { textTable } from './text-table.ts';
import type { VerbResult } from './validate.ts';

/** What `banyan status` takes. */
export interface StatusOptions {
  readonly file: string;
  readonly admin: ListenAddress;
  readonly json: boolean;
  readonly env: CliIo['env'];
}

/** What is in force. Exits 0; 1 when no router answers; 78 when then the file is wrong too. */
export async function status({ file, admin, json, env }: StatusOptions): Promise<VerbResult> {
  const client = adminClient(admin);
  const state = await readRouter(client);
  if (state === null) return fileStatus({ file, url: client.url, json, env });
  const output = json ? `${JSON.stringify(asJson(state, client.url), null, 2)}\n` : asText(state, client.url);
  return { exitCode: EXIT.ok, output };
}

function asJson(state: RouterState, url: string): object {
  const { config } = state;
  return {
    router: url,
    ...config,
    features: featuresOf(state).map((name) => featureJson(state, name)),
    legacy: backendOf(state, 'legacy') ?? null,
  };
}

function featureJson(state: RouterState, name: string): object {
  const { feature, name: _, ...backend } = backendOf(state, name) ?? { name, feature: null };
  const routes = state.routes
    .filter((route) => route.feature === name)
    .map(({ name: route, line, side, reason }) => ({ name: route, line, side, reason }));
  const stage = state.routes.find((route) => route.feature === name)?.stage ?? null;
  const rollback = state.rollbacks.find(({ feature: of }) => of === name) ?? null;
  const shadow = state.shadows.find(({ feature: of }) => of === name) ?? null;
  return {
    name,
    stage,
    ...feature,
    answers: whoAnswers(state, name),
    auto_rollback: rollback,
    shadow,
    ...backend,
    routes,
  };
}

/** In the router's order. */
function featuresOf({ backends, routes }: RouterState): string[] {
  const named = backends.map(({ name }) => name).filter((name) => name !== 'legacy');
  return [...new Set([...named, ...routes.flatMap(({ feature }) => feature ?? [])])];
}

function asText(state: RouterState, url: string): string {
  const parts = [configText(state.config, url), featuresText(state)];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function configText(
  { revision, last_reload: last, from_state: fromState, legacy_only: only }: ConfigState,
  url: string,
): string {
  const lines = [`The router at ${url}: revision ${revision ?? 'none yet'}`];
  if (fromState) lines.push('In force is the last good table of --state: the file could not be used.');
  if (last !== null) lines.push(`Last reload: ${last.result}, ${timeText(last.time)}`);
  if (last !== null && last.text !== '') lines.push(...last.text.split('\n').map((line) => `    ${line}`));
  const held = only === null ? [] : only.everything ? ['everything'] : [...only.features, ...only.routes];
  if (held.length > 0) lines.push(`legacy_only: ${held.join(', ')}`);
  if (only !== null && only.spared.length > 0) lines.push(`    spared: ${only.spared.join(', ')}`);
  return lines.join('\n');
}

const HEAD = ['feature', 'stage', 'answers of 5 min', 'open', 'endpoints'];

function featuresText(state: RouterState): string {
  const rows = [...featuresOf(state), 'legacy'].map((name) => {
    const backend = backendOf(state, name);
    return {
      cells: cellsOf(state, name),
      below: name === 'legacy' ? endpointNotes(backend) : notesOf(state, name),
    };
  });
  return textTable(HEAD, rows);
}

function cellsOf(state: RouterState, name: string): string[] {
  const backend = backendOf(state, name);
  return [
    name,
    name === 'legacy' ? '' : stageText(state, name),
    answersText(backend),
    openWords(backend) ?? '',
    endpointsText(backend),
  ];
}

function stageText(state: RouterState, name: string): string {
  const feature = backendOf(state, name)?.feature;
  const stage = feature?.stage ?? state.routes.find((route) => route.feature === name)?.stage ?? '?';
  return stage === 'canary' && feature?.share != null ? `canary ${feature.share}%` : stage;
}

function answersText(backend: BackendState | undefined): string {
  const answers = backend?.feature?.answers_5m;
  if (answers == null) return '';
  const parts = [
    answers.feature > 0 ? `feature ${answers.feature}` : '',
    answers.legacy > 0 ? `legacy ${answers.legacy}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || 'none';
}

function endpointsText(backend: BackendState | undefined): string {
  const endpoints = backend?.endpoints ?? [];
  const available = endpoints.filter(({ state }) => state === 'available').length;
  if (endpoints.length === 0) return 'none found';
  return available === endpoints.length
    ? `${available} available`
    : `${available} of ${endpoints.length} available`;
}

function notesOf(state: RouterState, name: string): string[] {
  const backend = backendOf(state, name);
  return [
    whoAnswers(state, name),
    shadowNote(state, name) ?? '',
    ...shadowRouteNotes(state, name),
    rollbackWords(state, name) ?? '',
    ...endpointNotes(backend),
  ].filter((note) => note !== '');
}

function endpointNotes(backend: BackendState | undefined): string[] {
  return (backend?.endpoints ?? [])
    .filter(({ state }) => state !== 'available')
    .map(({ address, state, why }) => `${address} is ${state}${why == null ? '' : `: ${why}`}`);
}

async function fileStatus({
  file,
  url,
  json,
  env,
}: {
  readonly file: string;
  readonly url: string;
  readonly json: boolean;
  readonly env: CliIo['env'];
}): Promise<VerbResult> {
  const { table, issues } = await loadRoutes(file, env);
  const exitCode = table === null ? EXIT.badConfig : EXIT.failed;
  const features =
    table === null ? [] : Object.values(table.features).map((feature) => fileFeature(table, feature.name));
  if (json) {
    const whole = {
      router: null,
      file,
      revision: table?.revision ?? null,
      legacy_only: table?.legacyOnly ?? null,
      features,
      issues,
    };
    return { exitCode, output: `${JSON.stringify(whole, null, 2)}\n` };
  }
  const head = `No router answers at ${url} (--admin names another).`;
  if (table === null) {
    const errors = issues
      .filter(({ severity }) => severity === 'error')
      .map((issue) => `${formatIssue(issue)}\n`);
    return { exitCode, output: `${head} ${file} has ${summarizeIssues(issues)}:\n\n${errors.join('\n')}` };
  }
  const rows = features.map(({ name, stage, share, routes }) => ({
    cells: [name, share === null || stage !== 'canary' ? stage : `${stage} ${share}%`, routes.join(', ')],
    below: [],
  }));
  const says =
    features.length === 0
      ? `${file} has no features.`
      : `${file} says:\n\n${textTable(['feature', 'stage', 'routes'], rows)}`;
  return { exitCode, output: `${head} ${says}\n` };
}

function fileFeature(table: RouteTable, name: string) {
  const { stage = '?', canary = null } = table.features[name] ?? {};
  const routes = table.routes.filter(({ action }) => action.kind === 'to' && action.feature === name);
  return {
    name,
    stage,
    share: canary === null ? null : canary.shareHundredths / 100,
    routes: routes.map((route) => route.name),
  };
}
