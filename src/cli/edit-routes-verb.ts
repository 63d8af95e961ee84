/** What `set`, `rollback` and `carve` have in common: an edit of routes.yaml, and the wait for the router. */
import type { RoutesChange } from '../config/edit-change.ts';
import { type Edited, editRoutes } from '../config/edit-routes.ts';
import type { saveEdit } from '../config/edit-save.ts';
import { formatIssue, summarizeIssues } from '../config/format-issue.ts';
import { legacyOnlyText } from '../config/load-routes.ts';
import { type ParseInput, parseRoutes } from '../config/parse-routes.ts';
import { readLegacyOnly } from '../config/read-input.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import { adminClient } from './admin-client.ts';
import { awaitRouter } from './await-router.ts';
import { type CliIo, EXIT, hasColors } from './cli-io.ts';
import { editFile, type FileEdited, type Plan } from './edit-file.ts';
import type { EditOptions } from './edit-options.ts';
import { type RouterState, readConfig } from './router-state.ts';
import { sayEnd } from './say-end.ts';
import { VerbReport } from './verb-report.ts';

/** What a verb adds of its own. `Asked` is what it makes of its arguments with the table at hand. */
export interface RoutesVerb<Asked extends { readonly change: RoutesChange }> {
  /** A text says why it cannot be asked for: exit code 2. */
  readonly ask: (table: RouteTable) => Asked | string;
  /** One line: what the file says now. `before` is the table without the edit. */
  readonly summary: (asked: Asked, before: RouteTable, isAlready: boolean) => string;
  /** Doubts, once the edit is known to be sound. A text refuses it after all. */
  readonly check?: (asked: Asked, after: Loaded, fresh: readonly ConfigIssue[]) => string | null;
  readonly isInForce: (asked: Asked, state: RouterState) => boolean;
  /** What is in force, and what is still open: whole sentences. */
  readonly tell: (asked: Asked, state: RouterState) => readonly string[];
  /** Fields of the JSON once it is in force. */
  readonly fields: (asked: Asked, state: RouterState) => Readonly<Record<string, unknown>>;
  /** What helps when the file cannot be edited. */
  readonly otherwise?: string;
}

/** What the verbs hang on. */
export interface EditDeps {
  readonly io: Pick<CliIo, 'out' | 'err' | 'env' | 'terminal'>;
  readonly save?: typeof saveEdit;
}

interface Made<Asked> {
  readonly asked: Asked;
  readonly before: RouteTable;
  /** Of the edited file. */
  readonly revision: string;
}

/** Runs such a verb; resolves with the exit code. */
export async function runRoutesVerb<Asked extends { readonly change: RoutesChange }>(
  verb: RoutesVerb<Asked>,
  options: EditOptions,
  { io, save }: EditDeps,
): Promise<number> {
  const { file, dryRun, json } = options;
  const report = new VerbReport(io, { verb: options.verb, json });
  const client = adminClient(options.admin);
  const asks = options.wait && !dryRun;
  const before = asks ? await readConfig(client) : null;
  const edited: FileEdited<Made<Asked>> = await editFile({
    file,
    dryRun,
    color: hasColors(io),
    report,
    plan: (text) => planEdit(verb, { text, file, env: io.env }, report),
    ...(save === undefined ? {} : { save }),
  });
  if (edited.kind === 'end') return report.end(edited.exitCode);
  const { asked, revision } = edited.made;
  report.say(verb.summary(asked, edited.made.before, edited.kind === 'already'));
  if (dryRun) report.say('Nothing was changed: --dry-run.');
  if (!asks) return report.end(EXIT.ok);
  const end = await awaitRouter({
    client,
    report,
    timeoutMs: options.timeoutMs,
    before,
    revision,
    isInForce: (state) => verb.isInForce(asked, state),
  });
  if (end.kind === 'in_force') {
    report.put(verb.fields(asked, end.state));
    for (const sentence of verb.tell(asked, end.state)) report.say(sentence);
  }
  const { otherwise } = verb;
  return report.end(sayEnd(end, { report, options, client, wrote: edited.kind === 'written', otherwise }));
}

interface Source {
  readonly text: string | null;
  readonly file: string;
  readonly env: ParseInput['env'];
}

async function planEdit<Asked extends { readonly change: RoutesChange }>(
  verb: RoutesVerb<Asked>,
  { text, file, env }: Source,
  report: VerbReport,
): Promise<Plan<Made<Asked>>> {
  if (text === null) return refuse(report, `${file} does not exist`, EXIT.badConfig);
  const legacyOnlyFile = legacyOnlyText(await readLegacyOnly(file));
  const input: ParseInput = { text, file, env, legacyOnlyFile };
  const loaded = parseRoutes(text, input);
  if (loaded.table === null)
    return refuseIssues(report, loaded.issues, brokenText(file, loaded.issues, verb.otherwise));
  const asked = verb.ask(loaded.table);
  if (typeof asked === 'string') return refuse(report, asked, EXIT.usage);
  const edited = editRoutes(input, asked.change, loaded);
  if (edited.kind === 'already')
    return { kind: 'already', made: { asked, before: loaded.table, revision: loaded.table.revision } };
  if (edited.kind !== 'changed') return refuseEdit(report, edited, { file, otherwise: verb.otherwise });
  const fresh = newIssues(edited.before, edited.after);
  const refusal = verb.check?.(asked, edited.after, fresh) ?? null;
  for (const issue of fresh) report.note(formatIssue(issue));
  if (refusal !== null) return refuse(report, refusal, EXIT.failed);
  const revision = edited.after.table?.revision ?? '';
  return { kind: 'change', after: edited.text, made: { asked, before: loaded.table, revision } };
}

function refuseEdit<Asked>(
  report: VerbReport,
  edited: Exclude<Edited, { kind: 'changed' | 'already' }>,
  { file, otherwise }: { readonly file: string; readonly otherwise: string | undefined },
): Plan<Made<Asked>> {
  if (edited.kind === 'refused') {
    report.note(formatIssue(edited.issue));
    return refuse(report, `nothing was written.${hint(otherwise)}`, EXIT.failed);
  }
  const problem =
    edited.kind === 'broken'
      ? brokenText(file, edited.issues, otherwise)
      : `with this edit ${file} would have ${summarizeIssues(edited.issues)}; nothing was written`;
  return refuseIssues(report, edited.issues, problem);
}

function brokenText(file: string, issues: readonly ConfigIssue[], otherwise: string | undefined): string {
  return `${file} has ${summarizeIssues(issues)}; nothing was written.${hint(otherwise)}`;
}

function hint(otherwise: string | undefined): string {
  return otherwise === undefined ? '' : ` ${otherwise}`;
}

function refuseIssues<Asked>(
  report: VerbReport,
  issues: readonly ConfigIssue[],
  problem: string,
): Plan<Made<Asked>> {
  for (const issue of issues) if (issue.severity === 'error') report.note(`${formatIssue(issue)}\n`);
  report.put({ issues });
  return refuse(report, problem, EXIT.badConfig);
}

function refuse<Asked>(report: VerbReport, problem: string, exitCode: number): Plan<Made<Asked>> {
  report.fail(problem);
  return { kind: 'end', exitCode };
}

/** What the edit brought: issues that were there before are not its own. */
function newIssues(before: Loaded, after: Loaded): readonly ConfigIssue[] {
  const known = new Set(before.issues.map(({ message }) => message));
  return after.issues.filter(({ message }) => !known.has(message));
}
