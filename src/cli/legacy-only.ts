/**
 * `banyan legacy-only on|off [NAMES]`: the file LEGACY_ONLY beside routes.yaml. It is for the worst night, so it needs
 * no sound routes.yaml: names are then checked against what the running router knows, if there is one.
 */
import { type LegacyOnlyEdit, switchOff, switchOn } from '../config/edit-legacy-only-file.ts';
import { parseRoutes } from '../config/parse-routes.ts';
import { legacyOnlyPath, readTextFile } from '../config/read-input.ts';
import type { LegacyOnly, RouteTable } from '../model/route-table.ts';
import { adminClient } from './admin-client.ts';
import { awaitRouter } from './await-router.ts';
import { EXIT, hasColors } from './cli-io.ts';
import { editFile, type Plan } from './edit-file.ts';
import type { EditOptions } from './edit-options.ts';
import type { EditDeps } from './edit-routes-verb.ts';
import { leftBehind } from './feature-words.ts';
import { namesOf, noName } from './known-names.ts';
import { type RouterState, readRouter } from './router-state.ts';
import { sayEnd } from './say-end.ts';
import { VerbReport } from './verb-report.ts';

/** What it takes. */
export interface LegacyOnlyArguments {
  readonly isOn: boolean;
  /** Features and routes; none: everything. */
  readonly names: readonly string[];
}

/** What is known of the names: from the routes file, else from the router; null: from neither. */
interface Known {
  readonly names: readonly string[] | null;
  /** The routes file's table with the edited LEGACY_ONLY; null while the file is broken. */
  readonly tableWith: (legacyOnlyFile: string | null) => RouteTable | null;
}

/** Switches legacy_only by the file. Resolves with the exit code. */
export async function legacyOnly(
  given: LegacyOnlyArguments,
  options: EditOptions,
  deps: EditDeps,
): Promise<number> {
  const { io, save } = deps;
  const report = new VerbReport(io, options);
  const client = adminClient(options.admin);
  const router = await readRouter(client);
  const known = await knownNames(options.file, io.env, router);
  const edited = await editFile<string | null>({
    file: legacyOnlyPath(options.file),
    like: options.file,
    dryRun: options.dryRun,
    color: hasColors(io),
    report,
    plan: async (text) => planEdit(given, { text, known, report }),
    ...(save === undefined ? {} : { save }),
  });
  if (edited.kind === 'end') return report.end(edited.exitCode);
  report.say(summaryOf(given, edited.kind === 'already'));
  if (options.dryRun) report.say('Nothing was changed: --dry-run.');
  if (options.dryRun || !options.wait) return report.end(EXIT.ok);
  const table = known.tableWith(edited.made);
  const end = await awaitRouter({
    client,
    report,
    timeoutMs: options.timeoutMs,
    before: router?.config ?? null,
    revision: table?.revision ?? null,
    isInForce: (state) => isInForce(state, given, table?.legacyOnly ?? null),
    mayBeRejected: true,
  });
  if (end.kind === 'in_force') tell(end.state, given, report);
  return report.end(sayEnd(end, { report, options, client, wrote: edited.kind === 'written' }));
}

async function knownNames(
  file: string,
  env: EditDeps['io']['env'],
  router: RouterState | null,
): Promise<Known> {
  const reading = await readTextFile(file);
  const tableWith = (legacyOnlyFile: string | null): RouteTable | null =>
    'text' in reading ? parseRoutes(reading.text, { file, env, legacyOnlyFile }).table : null;
  const table = tableWith(null);
  if (table !== null) return { names: namesOf(table), tableWith };
  const names = router?.routes.flatMap(({ name, feature }) => (feature == null ? [name] : [name, feature]));
  return { names: names ?? null, tableWith };
}

function planEdit(
  { isOn, names }: LegacyOnlyArguments,
  {
    text,
    known,
    report,
  }: { readonly text: string | null; readonly known: Known; readonly report: VerbReport },
): Plan<string | null> {
  const unknown = isOn ? names.find((name) => known.names?.includes(name) === false) : undefined;
  if (unknown !== undefined) return refuse(report, noName(unknown, known.names ?? []), EXIT.usage);
  if (isOn && names.length > 0 && known.names === null)
    report.note(
      'warning: routes.yaml is broken and no router answers: nobody knows whether there are such names',
    );
  const edit: LegacyOnlyEdit = isOn ? switchOn(text, names) : switchOff(text, names);
  if (edit.kind === 'already') return { kind: 'already', made: text };
  if (edit.kind === 'changed') return { kind: 'change', after: edit.text, made: edit.text };
  const cure = 'banyan legacy-only off, then banyan legacy-only on with the names that stay';
  return refuse(
    report,
    `LEGACY_ONLY holds everything, and no name can be taken out of it: ${cure}`,
    EXIT.failed,
  );
}

function refuse(report: VerbReport, problem: string, exitCode: number): Plan<never> {
  report.fail(problem);
  return { kind: 'end', exitCode };
}

function summaryOf({ isOn, names }: LegacyOnlyArguments, isAlready: boolean): string {
  if (!isOn && names.length === 0)
    return isAlready
      ? 'There is no LEGACY_ONLY: nothing to take off.'
      : 'LEGACY_ONLY is gone, with all that it held.';
  const what = names.length === 0 ? 'everything' : names.join(', ');
  if (isAlready)
    return isOn
      ? `LEGACY_ONLY holds ${what} already.`
      : `LEGACY_ONLY does not hold ${what}: nothing to take off.`;
  return isOn ? `Legacy alone, by LEGACY_ONLY: ${what}.` : `No longer held by LEGACY_ONLY: ${what}.`;
}

/** `wanted` is what file and key say together; without it, the names must be there, or gone. */
function isInForce(
  { config }: RouterState,
  { isOn, names }: LegacyOnlyArguments,
  wanted: LegacyOnly | null,
): boolean {
  const only = config.legacy_only;
  if (only === null) return false;
  if (wanted !== null) return isSame(only, wanted);
  const held = [...only.features, ...only.routes];
  if (isOn) return only.everything || (names.length > 0 && names.every((name) => held.includes(name)));
  return (
    !only.everything && !(names.length === 0 ? held.length > 0 : names.some((name) => held.includes(name)))
  );
}

function isSame(only: LegacyOnly, wanted: LegacyOnly): boolean {
  const text = ({ everything, features, routes }: LegacyOnly): string =>
    JSON.stringify([everything, [...features].sort(), [...routes].sort()]);
  return text(only) === text(wanted);
}

function tell(state: RouterState, { isOn }: LegacyOnlyArguments, report: VerbReport): void {
  const only = state.config.legacy_only;
  report.put({ legacy_only: only });
  if (only === null) return;
  const held = only.everything ? ['everything'] : [...only.features, ...only.routes];
  report.say(
    held.length === 0
      ? 'In force: legacy_only holds nothing.'
      : `In force: legacy alone answers for ${held.join(', ')}.`,
  );
  if (only.spared.length > 0)
    report.say(`Spared, since legacy has no part in them any more: ${only.spared.join(', ')}.`);
  if (!isOn) return;
  const features = new Set(
    state.routes.flatMap(({ feature, reason }) =>
      feature != null && reason === 'legacy_only' ? [feature] : [],
    ),
  );
  for (const feature of features)
    for (const sentence of leftBehind(state, feature, true)) report.say(sentence);
}
