/**
 * From a written file to the table in force: the running router is asked until it says that the edit acts, or that it
 * refused the file. How it learns of the file is its own affair; what it answers is all that counts here.
 */
import type { AdminClient } from './admin-client.ts';
import { type ConfigState, type RouterState, readConfig, readRouter } from './router-state.ts';
import type { VerbReport } from './verb-report.ts';

const POLL_MS = 60;
/** How long one waits without a word about it. */
const QUIET_MS = 1_000;
const PROGRESS_MS = 2_000;

/** What is waited for. */
export interface Awaited {
  readonly client: AdminClient;
  readonly report: VerbReport;
  readonly timeoutMs: number;
  /** What the router said before the file was written; null when none answered. */
  readonly before: ConfigState | null;
  /** Of the edited file as this command reads it; the router's may differ, by its environment. Null: not known. */
  readonly revision: string | null;
  /** Whether what the router does is what the edit asks for. */
  readonly isInForce: (state: RouterState) => boolean;
  /** A rejected file is no answer: what is waited for acts all the same. */
  readonly mayBeRejected?: boolean;
}

/** How it ended. */
export type AwaitedEnd =
  | { readonly kind: 'in_force'; readonly state: RouterState; readonly afterMs: number }
  | { readonly kind: 'rejected'; readonly text: string }
  | { readonly kind: 'late'; readonly config: ConfigState | null }
  | { readonly kind: 'no_router' };

/** Waits, at most for the time given. */
export async function awaitRouter(awaited: Awaited): Promise<AwaitedEnd> {
  if (awaited.before === null) return { kind: 'no_router' };
  const from = performance.now();
  let nextWord = QUIET_MS;
  let seen = '';
  let config: ConfigState | null = null;
  for (;;) {
    config = await readConfig(awaited.client);
    const stamp = JSON.stringify([config?.revision, config?.last_reload?.time]);
    if (config !== null && stamp !== seen) {
      const state = await readRouter(awaited.client);
      const end = state === null ? null : look(awaited, { config, state }, performance.now() - from);
      if (end !== null) return end;
      if (state !== null) seen = stamp;
    }
    const elapsed = performance.now() - from;
    if (elapsed >= awaited.timeoutMs) return { kind: 'late', config };
    if (elapsed >= nextWord) {
      awaited.report.note(`waiting for the router at ${awaited.client.url}: ${Math.round(elapsed / 1000)} s`);
      nextWord += PROGRESS_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function look(
  awaited: Awaited,
  { config, state }: { readonly config: ConfigState; readonly state: RouterState },
  afterMs: number,
): AwaitedEnd | null {
  if (config.revision === awaited.revision || awaited.isInForce(state))
    return { kind: 'in_force', state, afterMs };
  const { last_reload: last } = config;
  const isNew = last?.time !== awaited.before?.last_reload?.time;
  if (last?.result !== 'rejected' || !isNew || awaited.mayBeRejected === true) return null;
  return { kind: 'rejected', text: last.text };
}
