import type { AdminClient } from './admin-client.ts';
import type { AwaitedEnd } from './await-router.ts';
import { EXIT } from './cli-io.ts';
import type { EditOptions } from './edit-options.ts';
import type { VerbReport } from './verb-report.ts';

/** How a verb ended that waited for the router: says it, and gives the exit code. */
export function sayEnd(
  end: AwaitedEnd,
  {
    report,
    options,
    client,
    wrote,
    otherwise,
  }: {
    readonly report: VerbReport;
    readonly options: EditOptions;
    readonly client: AdminClient;
    readonly wrote: boolean;
    /** What acts all the same where the router rejects the file, as a sentence. */
    readonly otherwise?: string | undefined;
  },
): number {
  report.put({ router: client.url, in_force: end.kind === 'in_force' });
  const written = wrote ? `${options.file} is written` : `${options.file} says so already`;
  switch (end.kind) {
    case 'in_force':
      report.put({ revision: end.state.config.revision, after_ms: Math.round(end.afterMs) });
      return EXIT.ok;
    case 'no_router':
      report.put({ router: null, in_force: null });
      if (options.isAdminGiven)
        report.fail(`no router answers at ${client.url}; ${written}, and waits for one`);
      else
        report.note(
          `No router answers at ${client.url} (--admin names another): ${written}, and waits for one.`,
        );
      return options.isAdminGiven ? EXIT.failed : EXIT.ok;
    case 'rejected':
      report.note(`${end.text}\n`);
      report.fail(
        `${written}, and the router rejected it: what was in force before goes on${otherwise === undefined ? '' : `. ${otherwise}`}`,
      );
      return EXIT.badConfig;
    case 'late':
      report.fail(lateText(end, { written, options, url: client.url }));
      return EXIT.failed;
  }
}

function lateText(
  { config }: Extract<AwaitedEnd, { kind: 'late' }>,
  {
    written,
    options,
    url,
  }: { readonly written: string; readonly options: EditOptions; readonly url: string },
): string {
  const waited = `not in force after ${options.timeoutMs / 1000} s: ${written}`;
  if (config === null) return `${waited}, but the router at ${url} answers no more`;
  const last = config.last_reload;
  if (last?.result === 'rejected')
    return `${waited}, but the router at ${url} rejected what it read last:\n${last.text}`;
  return `${waited}, but the router at ${url} has not taken it up (revision ${config.revision}). Does it follow this file?`;
}
