import { formatIssue, summarizeIssues } from '../config/format-issue.ts';
import { loadRoutes } from '../config/load-routes.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import { parseSettings } from '../settings.ts';
import { limitsBelowWorkers } from '../workers/shares.ts';
import { certificateIssues } from './certificate-issues.ts';
import { EXIT } from './cli-io.ts';

/** What is to be checked, and how it is shown. */
export interface ValidateOptions {
  /** The routes file, as the user named it. */
  readonly file: string;
  /** Warnings count as a failed check. */
  readonly strict: boolean;
  readonly json: boolean;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a verb that only prints gives back. */
export interface VerbResult {
  readonly exitCode: number;
  /** For standard output, with its line ends. */
  readonly output: string;
}

/** `banyan validate`: every issue of a routes file. Exits 0, 1 on warnings with `strict`, 78 on errors. */
export async function validate(options: ValidateOptions): Promise<VerbResult> {
  const read = withWorkers(await loadRoutes(options.file, options.env), options);
  const loaded = { ...read, issues: [...read.issues, ...(await certificateIssues(options.env, Date.now()))] };
  const output = options.json ? asJson(options.file, loaded) : asText(options, loaded);
  return { exitCode: exitCodeOf(loaded.issues, options.strict), output };
}

/** Adds what is doubtful where as many workers serve as WORKERS says. */
function withWorkers(loaded: Loaded, { file, env }: ValidateOptions): Loaded {
  const { settings } = parseSettings({ flags: {}, env: { WORKERS: env['WORKERS'] }, terminal: false });
  if (loaded.table === null || settings === null) return loaded;
  const warnings = limitsBelowWorkers(loaded.table, settings.workers).map((message) => ({
    ...{ severity: 'warning' as const, file, line: 0, column: 0 },
    ...{ message, source: null, width: 1 },
  }));
  return { ...loaded, issues: [...loaded.issues, ...warnings] };
}

function exitCodeOf(issues: readonly ConfigIssue[], strict: boolean): number {
  if (issues.some((issue) => issue.severity === 'error')) return EXIT.badConfig;
  return strict && issues.length > 0 ? EXIT.failed : EXIT.ok;
}

function asText({ file, color }: ValidateOptions, { table, issues }: Loaded): string {
  const blocks = issues.map((issue) => `${formatIssue(issue, { color })}\n\n`);
  const isBad = table === null || issues.some(({ severity }) => severity === 'error');
  const verdict = isBad ? summarizeIssues(issues) : okLine(table, issues);
  return `${blocks.join('')}${file}: ${verdict}\n`;
}

function okLine(table: RouteTable, issues: readonly ConfigIssue[]): string {
  const routes = counted(table.routes.length, 'route');
  const features = counted(Object.keys(table.features).length, 'feature');
  const warnings = issues.length === 0 ? '' : `, ${summarizeIssues(issues)}`;
  return `ok, ${routes}, ${features}${warnings}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function asJson(file: string, { table, issues }: Loaded): string {
  const result = {
    file,
    ok: table !== null && issues.every(({ severity }) => severity !== 'error'),
    revision: table?.revision ?? null,
    routes: table?.routes.length ?? null,
    features: table === null ? null : Object.keys(table.features).length,
    issues,
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
