import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded, ReloadReport } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';
import { UnusableRoutes } from '../model/unusable-routes.ts';
import { keepLastGood, type LastGood, readLastGood } from './last-good.ts';
import { fileIssue } from './load-routes.ts';
import type { ParseRoutes } from './parse-in-thread.ts';
import { isSameSnapshot, looksCut, type RoutesSnapshot, SnapshotReader } from './routes-snapshot.ts';
import { watchRoutesFiles } from './watch-files.ts';

/**
 * The routes file as a source of tables: read at start, then whenever it or LEGACY_ONLY beside it changes.
 *
 *   event, beat or reload() ─▶ look: changed? ─▶ settle: still the same? ─▶ parse ─▶ good: apply · bad: wait, look again, reject
 *
 * Looks are serial and the newest content wins. A file is believed when two reads agree; what looks half-written, or
 * has errors, is given a moment longer before it counts. A bad file changes nothing but what LEGACY_ONLY says, which
 * then acts on the last good content.
 */

/** All times in ms. */
export interface SourceTiming {
  /** Between looks when no event comes. */
  readonly beatMs: number;
  /** Between the two reads that must agree. */
  readonly settleMs: number;
  /** How long a bad or cut file may yet become good. */
  readonly graceMs: number;
}

/** Where tables come from, and who is told. */
export interface RoutesSourceOptions {
  /** As the user named it. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--state`: where the last good file is kept; null for nowhere. */
  readonly stateDir: string | null;
  readonly parse: ParseRoutes;
  /** Told of each reload. The table is the new one, or null when the one in force stays. Also for a rejected file a table may come: LEGACY_ONLY changed. */
  readonly onReload: (report: ReloadReport, table: RouteTable | null) => void;
  readonly timing?: Partial<SourceTiming>;
}

const TIMING: SourceTiming = { beatMs: 250, settleMs: 60, graceMs: 300 };

/** What the table in force was made of. */
interface InForce extends LastGood {
  readonly legacyOnly: string | null;
  readonly revision: string;
  readonly issues: readonly ConfigIssue[];
  readonly fromState: boolean;
}

/** Reads the routes file, and reads it again whenever it may have changed. */
export class RoutesSource {
  readonly #options: RoutesSourceOptions;
  readonly #timing: SourceTiming;
  readonly #reader: SnapshotReader;
  #inForce: InForce | null = null;
  /** What was judged last, good or bad. */
  #seen: RoutesSnapshot | null = null;
  #isRejected = false;
  #parsed: { readonly snapshot: RoutesSnapshot; readonly loaded: Promise<Loaded> } | null = null;
  #running: Promise<void> | null = null;
  #isWanted = false;
  /** How many reports were asked for, and how many of those were given. */
  #asked = 0;
  #answered = 0;
  #stopWatching: (() => void) | null = null;
  #isClosed = false;

  constructor(options: RoutesSourceOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#reader = new SnapshotReader(options.file);
  }

  /**
   * The table to start with, and from now on watches. A bad file falls back to the last good one in the state folder.
   *
   * @throws UnusableRoutes when neither can be used.
   */
  async load(): Promise<{ readonly report: ReloadReport; readonly table: RouteTable }> {
    const snapshot = await this.#reader.settled(this.#timing.settleMs);
    const loaded = await this.#parse(snapshot);
    const started =
      loaded.table === null ? await this.#fromState(snapshot, loaded) : await this.#accept(snapshot, loaded);
    this.#seen = snapshot;
    this.#stopWatching = watchRoutesFiles(this.#options.file, this.#timing.beatMs, () => this.#look());
    return started;
  }

  /** Reads again now, as SIGHUP asks for, and reports also when nothing changed. */
  async reload(): Promise<void> {
    this.#asked++;
    this.#look();
    await this.#running;
  }

  /** Stops watching; resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching?.();
    await this.#running;
  }

  #look(): void {
    if (this.#isClosed) return;
    this.#isWanted = true;
    this.#running ??= this.#lookWhileWanted().finally(() => {
      this.#running = null;
    });
  }

  async #lookWhileWanted(): Promise<void> {
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      await this.#judge();
      this.#parsed = null;
    }
  }

  /** One look, from reading to the report. */
  async #judge(): Promise<void> {
    const first = await this.#reader.read();
    if (this.#asked === this.#answered && this.#seen !== null && isSameSnapshot(first, this.#seen)) return;
    const since = performance.now();
    // Parsing a large file takes longer than waiting whether it rests: it begins at once, in the hope that it does.
    if (!this.#isInForce(first) && !this.#isCut(first)) void this.#parse(first);
    let isForced = false;
    for (;;) {
      const asked = this.#asked;
      isForced ||= asked > this.#answered;
      const snapshot = await this.#reader.settled(this.#timing.settleMs);
      if (this.#isClosed) return;
      this.#answered = asked;
      if (this.#isInForce(snapshot)) return this.#unchanged(snapshot, isForced);
      const mayWait = performance.now() - since < this.#timing.graceMs;
      if (!(this.#isCut(snapshot) && mayWait)) {
        const loaded = await this.#parse(snapshot);
        if (loaded.table !== null) return this.#applied(snapshot, loaded);
        if (!mayWait || isForced) return this.#rejected(snapshot, loaded.issues);
      }
      await this.#changeOrGrace(snapshot, since);
    }
  }

  /** Waits for other content, at most until the grace is over or somebody asks. */
  async #changeOrGrace(snapshot: RoutesSnapshot, since: number): Promise<void> {
    while (
      performance.now() - since < this.#timing.graceMs &&
      !this.#isClosed &&
      this.#asked === this.#answered
    ) {
      await sleep(this.#timing.settleMs / 2);
      if (!isSameSnapshot(await this.#reader.read(), snapshot)) return;
    }
  }

  #isCut({ routes }: RoutesSnapshot): boolean {
    return 'text' in routes && looksCut(routes.text, this.#inForce?.text ?? null);
  }

  #isInForce({ routes, legacyOnly }: RoutesSnapshot): boolean {
    const inForce = this.#inForce;
    if (inForce === null || inForce.fromState) return false;
    return 'text' in routes && routes.text === inForce.text && legacyOnly === inForce.legacyOnly;
  }

  /** Parses, and does not parse the same content again. */
  #parse(snapshot: RoutesSnapshot): Promise<Loaded> {
    const { routes, legacyOnly } = snapshot;
    const { file, env, parse } = this.#options;
    if ('problem' in routes)
      return Promise.resolve({ table: null, issues: [fileIssue(file, routes.problem)], env: {} });
    if (this.#parsed === null || !isSameSnapshot(this.#parsed.snapshot, snapshot)) {
      const loaded = parse({ text: routes.text, file, env, legacyOnlyFile: legacyOnly });
      this.#parsed = { snapshot, loaded: loaded.catch((error: unknown) => notParsed(file, error)) };
    }
    return this.#parsed.loaded;
  }

  #unchanged(snapshot: RoutesSnapshot, isForced: boolean): void {
    const mustTell = isForced || this.#isRejected;
    this.#seen = snapshot;
    this.#isRejected = false;
    if (mustTell) this.#tell('unchanged', this.#inForce?.issues ?? [], null);
  }

  async #applied(snapshot: RoutesSnapshot, loaded: Loaded): Promise<void> {
    const { report, table } = await this.#accept(snapshot, loaded);
    this.#seen = snapshot;
    this.#isRejected = false;
    if (!this.#isClosed) this.#options.onReload(report, table);
  }

  async #rejected(snapshot: RoutesSnapshot, issues: readonly ConfigIssue[]): Promise<void> {
    this.#seen = snapshot;
    this.#isRejected = true;
    const again = await this.#lastGoodUnder(snapshot.legacyOnly);
    // What a bad file lacks says nothing about the names in LEGACY_ONLY: they act on the table in force.
    const own = issues.filter((issue) => issue.file === this.#options.file);
    this.#tell('rejected', [...own, ...(again?.issues ?? [])], again?.table ?? null);
  }

  /** The content in force under another LEGACY_ONLY; null when that did not change. */
  async #lastGoodUnder(
    legacyOnly: string | null,
  ): Promise<{ table: RouteTable; issues: readonly ConfigIssue[] } | null> {
    const inForce = this.#inForce;
    if (inForce === null || inForce.legacyOnly === legacyOnly) return null;
    const { table, issues } = await this.#parseGood(inForce, legacyOnly);
    if (table === null) return null;
    this.#inForce = { ...inForce, legacyOnly, revision: table.revision };
    return { table, issues: issues.filter((issue) => issue.file !== this.#options.file) };
  }

  #parseGood(good: LastGood, legacyOnlyFile: string | null): Promise<Loaded> {
    const env = Object.fromEntries(
      Object.entries(good.env).map(([name, value]) => [name, value ?? undefined]),
    );
    return this.#options.parse({ text: good.text, file: this.#options.file, env, legacyOnlyFile });
  }

  /** Makes good content the one in force, and keeps it. */
  async #accept(
    { routes, legacyOnly }: RoutesSnapshot,
    { table, issues, env }: Loaded,
  ): Promise<{ report: ReloadReport; table: RouteTable }> {
    if (table === null || !('text' in routes)) throw new Error('only good content can be accepted');
    const good: LastGood = { text: routes.text, env };
    const kept = this.#options.stateDir === null ? [] : await keepLastGood(this.#options.stateDir, good);
    const all = [...issues, ...kept];
    this.#inForce = { ...good, legacyOnly, revision: table.revision, issues: all, fromState: false };
    return { report: this.#report('applied', all), table };
  }

  async #fromState(
    snapshot: RoutesSnapshot,
    bad: Loaded,
  ): Promise<{ report: ReloadReport; table: RouteTable }> {
    const { stateDir } = this.#options;
    const good = stateDir === null ? null : await readLastGood(stateDir);
    const loaded = good === null ? null : await this.#parseGood(good, snapshot.legacyOnly);
    if (good === null || loaded === null || loaded.table === null) {
      const kept =
        stateDir === null ? [] : [fileIssue(stateDir, 'holds no last good routes file to start with')];
      throw new UnusableRoutes([...bad.issues, ...kept]);
    }
    const { table } = loaded;
    this.#isRejected = true;
    this.#inForce = {
      ...good,
      legacyOnly: snapshot.legacyOnly,
      revision: table.revision,
      issues: [],
      fromState: true,
    };
    return { report: this.#report('rejected', bad.issues), table };
  }

  #tell(result: ReloadReport['result'], issues: readonly ConfigIssue[], table: RouteTable | null): void {
    if (!this.#isClosed) this.#options.onReload(this.#report(result, issues), table);
  }

  #report(result: ReloadReport['result'], issues: readonly ConfigIssue[]): ReloadReport {
    const { revision = null, fromState = false } = this.#inForce ?? {};
    return { result, time: Date.now(), revision, issues, fromState };
  }
}

/** A fault of the parser rejects the file, and the router goes on. */
function notParsed(file: string, error: unknown): Loaded {
  return { table: null, issues: [fileIssue(file, `cannot be parsed: ${String(error)}`)], env: {} };
}
