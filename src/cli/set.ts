import { DidYouMean } from '../config/did-you-mean.ts';
import type { RoutesChange } from '../config/edit-change.ts';
import { PERCENT } from '../config/quantities.ts';
import { type RouteTable, STAGES, type Stage } from '../model/route-table.ts';
import { adminClient } from './admin-client.ts';
import { type CliIo, EXIT } from './cli-io.ts';
import type { EditOptions } from './edit-options.ts';
import { type EditDeps, type RoutesVerb, runRoutesVerb } from './edit-routes-verb.ts';
import { backendOf, leftBehind, openWords, rollbackWords, shadowNote, whoAnswers } from './feature-words.ts';
import { featureProblem } from './known-names.ts';
import { type RouterState, readRouter } from './router-state.ts';

/** What `banyan set FEATURE STAGE [--share 10%]` takes. */
export interface SetArguments {
  readonly feature: string;
  readonly stage: string;
  readonly share: string | null;
}

/** A change of a feature's stage, asked for. */
export interface StageAsked {
  readonly change: Extract<RoutesChange, { kind: 'stage' }>;
}

/** `banyan set`: another stage, and for a canary another share. Resolves with the exit code. */
export async function setStage(given: SetArguments, options: EditOptions, deps: EditDeps): Promise<number> {
  const problem = problemOf(given);
  if (problem !== null) return usage(problem, options, deps.io);
  const stage = given.stage as Stage;
  const compared = options.wait && FORWARD.has(stage) ? await comparedSoFar(given.feature, options) : null;
  return runRoutesVerb(stageVerb({ ...given, stage, compared }), options, deps);
}

/** In these the feature answers. */
const FORWARD: ReadonlySet<Stage> = new Set(['canary', 'live', 'done']);

/** What the router compared of the feature until now: with the edit it begins anew. */
async function comparedSoFar(feature: string, { admin }: EditOptions): Promise<string | null> {
  const state = await readRouter(adminClient(admin));
  const words = state === null ? null : shadowNote(state, feature);
  return words === null ? null : words.replace(/^compared:/, 'Compared until now:');
}

function usage(problem: string, { verb }: EditOptions, io: Pick<CliIo, 'err'>): number {
  io.err(`banyan ${verb}: ${problem}\n`);
  return EXIT.usage;
}

function problemOf({ stage, share }: SetArguments): string | null {
  if (!STAGES.some((known) => known === stage)) {
    const meant = new DidYouMean().hint(stage, STAGES);
    return `"${stage}" is not a stage${meant === '' ? `: ${STAGES.join(', ')}` : meant}`;
  }
  if (share === null) return null;
  if (stage !== 'canary')
    return `--share goes with the stage canary: banyan set FEATURE canary --share ${share}`;
  return PERCENT.test(share)
    ? null
    : `--share: "${share}" is not a percentage from 0% to 100% with its % and at most two decimals, such as 10%`;
}

/** The verb that moves a feature to a stage. */
export function stageVerb({
  feature,
  stage,
  share,
  compared = null,
}: SetArguments & { readonly stage: Stage; readonly compared?: string | null }): RoutesVerb<StageAsked> {
  return {
    ask: (table) =>
      featureProblem(table, feature) ??
      shareProblem(table, { feature, stage, share }) ?? { change: { kind: 'stage', feature, stage, share } },
    summary: ({ change }, before, isAlready) => summaryOf(change, before, isAlready),
    isInForce: (_, state) => isStage(state, { feature, stage, share }),
    tell: (_, state) => [
      `In force: ${whoAnswers(state, feature)}.`,
      ...rolledBack(state, feature),
      ...(compared === null ? [] : [compared]),
      ...openAfter(state, feature, stage),
    ],
    fields: (_, state) => stageFields(state, feature),
    ...(stage === 'legacy' ? { otherwise: `This works all the same: banyan legacy-only on ${feature}` } : {}),
  };
}

function shareProblem(
  table: RouteTable,
  {
    feature,
    stage,
    share,
  }: { readonly feature: string; readonly stage: Stage; readonly share: string | null },
): string | null {
  const lacks = stage === 'canary' && share === null && table.features[feature]?.canary === null;
  return lacks ? `"${feature}" has no share yet: banyan set ${feature} canary --share 10%` : null;
}

function summaryOf(
  { feature, stage, share }: StageAsked['change'],
  before: RouteTable,
  isAlready: boolean,
): string {
  const was = before.features[feature]?.stage ?? '';
  const to = share === null ? stage : `${stage} ${share}`;
  if (isAlready) return `${feature} is ${to} already: the file stays as it is.`;
  const doubt =
    was === 'done' && stage !== 'done' ? ' Its stage was done: legacy’s code for it may be gone.' : '';
  return was === stage ? `${feature}: ${to}.${doubt}` : `${feature}: ${was} → ${to}.${doubt}`;
}

function isStage(
  state: RouterState,
  {
    feature,
    stage,
    share,
  }: { readonly feature: string; readonly stage: Stage; readonly share: string | null },
): boolean {
  const said = backendOf(state, feature)?.feature;
  const stages = [
    said?.stage,
    ...state.routes.filter((route) => route.feature === feature).map((route) => route.stage),
  ];
  const known = stages.filter((one) => one != null);
  if (known.length === 0 || known.some((one) => one !== stage)) return false;
  return share === null || said?.share == null || said.share === Number.parseFloat(share);
}

function rolledBack(state: RouterState, feature: string): string[] {
  const isRolledBack = state.rollbacks.some((one) => one.feature === feature && one.rolled_back != null);
  const words = isRolledBack ? rollbackWords(state, feature) : null;
  return words === null ? [] : [`${words}.`];
}

function openAfter(state: RouterState, feature: string, stage: Stage): string[] {
  if (stage === 'legacy' || stage === 'shadow') return leftBehind(state, feature, false);
  const open = openWords(backendOf(state, feature));
  return open === null ? [] : [`Open on ${feature}: ${open}.`];
}

/** What the JSON says of a feature. */
export function stageFields(state: RouterState, feature: string): Readonly<Record<string, unknown>> {
  const backend = backendOf(state, feature);
  const routes = state.routes
    .filter((route) => route.feature === feature)
    .map(({ name, side, reason }) => ({ name, side, reason }));
  return { feature: { name: feature, ...backend?.feature, open: backend?.open ?? null, routes } };
}
