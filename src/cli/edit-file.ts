/**
 * The way of an edit through the file system, the same for every verb that makes one:
 *
 *   read ─▶ plan (pure) ─▶ show the diff ─▶ save ─▶ changed meanwhile? from the start
 *
 * Nothing is written unless the plan says that the whole file is sound afterwards.
 */

import { type Saved, saveEdit } from '../config/edit-save.ts';
import { readTextFile } from '../config/read-input.ts';
import { EXIT } from './cli-io.ts';
import { manualLine } from './manual-line.ts';
import { unifiedDiff } from './unified-diff.ts';
import type { VerbReport } from './verb-report.ts';

/**
 * How often an edit begins anew because somebody else writes the same file. Of many verbs at once one wins each round, so
 * that the last one begins as often as there are verbs.
 */
const MOST_ROUNDS = 100;

/** What to make of a file's text. */
export type Plan<Made> =
  /** `after`: the new text, null to delete the file. */
  | { readonly kind: 'change'; readonly after: string | null; readonly made: Made }
  | { readonly kind: 'already'; readonly made: Made }
  /** Told already; the verb ends with this code. */
  | { readonly kind: 'end'; readonly exitCode: number };

/** One edit. */
export interface FileEdit<Made> {
  readonly file: string;
  readonly dryRun: boolean;
  readonly color: boolean;
  /** Asked again with the new text when the file changed meanwhile. `before` is null when there is no file. */
  readonly plan: (before: string | null) => Promise<Plan<Made>>;
  readonly report: VerbReport;
  readonly save?: typeof saveEdit;
  /** A file whose mode a new one takes. */
  readonly like?: string;
}

/** How it went; `made` is what the last plan gave. */
export type FileEdited<Made> =
  | { readonly kind: 'written' | 'already' | 'dry_run'; readonly made: Made }
  | { readonly kind: 'end'; readonly exitCode: number };

/** Makes an edit, with its diff on the report. */
export async function editFile<Made>(edit: FileEdit<Made>): Promise<FileEdited<Made>> {
  const { file, report, dryRun, save = saveEdit } = edit;
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const reading = await readTextFile(file);
    if ('problem' in reading && !reading.isAbsent)
      return end(report, `${file} ${reading.problem}`, EXIT.badConfig);
    const before = 'text' in reading ? reading.text : null;
    const plan = await edit.plan(before);
    if (plan.kind === 'end') return plan;
    if (plan.kind === 'already') {
      report.put({ file, changed: false, dry_run: dryRun, diff: '' });
      return { kind: 'already', made: plan.made };
    }
    const { after, made } = plan;
    if (dryRun) {
      showDiff(edit, before, after);
      return { kind: 'dry_run', made };
    }
    const like = edit.like === undefined ? {} : { like: edit.like };
    const saved = await save({ path: file, from: before, to: after, ...like });
    if (saved.kind === 'changed_meanwhile') {
      if (round === 1) report.note(`${file} was changed by somebody else meanwhile: beginning anew`);
      continue;
    }
    showDiff(edit, before, after);
    return told(report, saved, { file, before, after, made });
  }
  return end(
    report,
    `${file} is being changed by somebody else all the time: nothing was written`,
    EXIT.failed,
  );
}

/** Says how the writing went. */
function told<Made>(
  report: VerbReport,
  saved: Exclude<Saved, { kind: 'changed_meanwhile' }>,
  { made, ...edit }: WrittenEdit & { readonly made: Made },
): FileEdited<Made> {
  if (saved.kind === 'failed') return cannotWrite(report, saved, edit);
  if (saved.kind === 'in_place') report.note(inPlaceNote(edit.file, saved.why));
  report.put({ changed: true });
  return { kind: 'written', made };
}

interface WrittenEdit {
  readonly file: string;
  readonly before: string | null;
  readonly after: string | null;
}

function showDiff(
  { file, report, dryRun, color }: FileEdit<unknown>,
  before: string | null,
  after: string | null,
): void {
  const plain = unifiedDiff({ file, before, after, color: false });
  report.put({ file, changed: false, dry_run: dryRun, diff: plain });
  if (plain !== '') report.say(unifiedDiff({ file, before, after, color }).slice(0, -1));
  else report.say(after === null ? `the empty file ${file} goes` : `a new, empty file ${file}`);
}

function inPlaceNote(file: string, why: string): string {
  return `warning: ${file} was written over in place, not replaced whole, since ${why}`;
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  ENOENT: 'its folder does not exist',
};

const ON_THE_HOST = 'a container’s folder: on the host, on the folder that is mounted there';

/** Where, or as whom, the line is to be run. In a container of the router's own nobody may: it mounts the folder to read it. */
const WHERE: Readonly<Record<string, string>> = {
  EROFS: `Run this where it can be written (${ON_THE_HOST}):`,
  EACCES: `Run this as somebody who may (${ON_THE_HOST}):`,
};

/** Says the line to run instead: the folder is often mounted read-only, or belongs to somebody else. */
function cannotWrite<Made>(
  report: VerbReport,
  { code }: Extract<Saved, { kind: 'failed' }>,
  edit: WrittenEdit,
): FileEdited<Made> {
  if (code === 'EEXIST')
    return end(report, `${edit.file}: another edit of it is under way, and does not end`, EXIT.failed);
  const line = manualLine(edit);
  report.put({ run_instead: line });
  const where = WHERE[code] ?? 'Run this as somebody who may:';
  return end(
    report,
    `${edit.file} cannot be written: ${REASONS[code] ?? code}. ${where}\n\n    ${line}\n`,
    EXIT.failed,
  );
}

function end(report: VerbReport, problem: string, exitCode: number): { kind: 'end'; exitCode: number } {
  report.fail(problem);
  return { kind: 'end', exitCode };
}
