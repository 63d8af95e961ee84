/**
 * The clock of comparing, and its memory: has reports fetched each second, keeps what they came to in a file, tells the
 * log when a verdict changes, and hands mismatches to the mismatch log if there is one.
 */
import type { RouteTable } from '../model/route-table.ts';
import type { FeatureComparisons, ShadowStatus } from '../model/shadow-report.ts';
import { shadowWords } from '../model/shadow-words.ts';
import type { StateFile } from '../model/state-file.ts';
import type { MismatchLog } from './mismatch-log.ts';
import { ShadowBook, type ShadowBookOptions } from './shadow-book.ts';
import { comparedText } from './shadow-file.ts';

/** What keeping needs. */
export interface ShadowKeeperOptions extends Pick<ShadowBookOptions, 'onCounted'> {
  /** Compared since it was last asked; with workers that have told by themselves, none. */
  readonly takeReports: () => readonly FeatureComparisons[];
  /** A feature's verdict is another than before. */
  readonly onVerdict: (status: ShadowStatus, words: string) => void;
  /** Comparisons cannot be kept, or what was kept cannot be read. */
  readonly onTrouble: (message: string, error: unknown) => void;
  /** Takes mismatches; null: nothing does. */
  readonly log: Pick<MismatchLog, 'add' | 'close'> | null;
  /** Null: a restart forgets them. */
  readonly memory: StateFile | null;
}

const EVERY_MS = 1_000;
/** Looks between two writes of the file. */
const LOOKS_PER_SAVE = 10;

/** Runs comparing of a router. `restore` first, then `tableChanged` with each table. */
export class ShadowKeeper {
  readonly book: ShadowBook;
  readonly #options: ShadowKeeperOptions;
  #verdicts: ReadonlyMap<string, string> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #hasNews = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: ShadowKeeperOptions) {
    this.#options = options;
    this.book = new ShadowBook({
      time: Date.now,
      onCounted: options.onCounted,
      onSamples: (feature, route, samples) => options.log?.add(feature, route, samples),
    });
  }

  /** Takes up what was kept. Never rejects. */
  async restore(): Promise<void> {
    try {
      const text = (await this.#options.memory?.read()) ?? null;
      if (text === null) return;
      const { readCompared } = await import('./read-compared.ts');
      const memories = readCompared(text);
      if (memories === null) throw new Error('its content is damaged, or of another version');
      this.book.restore(memories);
    } catch (error) {
      this.#options.onTrouble('what was compared before the restart cannot be read: it begins anew', error);
    }
  }

  tableChanged(table: RouteTable): void {
    // What was compared by the old table still counts.
    this.#fetch();
    this.book.tableChanged(table);
    this.#hasNews = true;
    this.#verdicts = this.book.verdicts();
    this.#timer ??= setInterval(() => this.look(), EVERY_MS).unref();
  }

  /** Adds what others compared. */
  add(reports: readonly FeatureComparisons[]): void {
    if (reports.length === 0) return;
    this.book.add(reports);
    this.#hasNews = true;
  }

  /** What each second does. */
  look(): void {
    this.#fetch();
    this.#tellVerdicts();
    this.#looks = (this.#looks + 1) % LOOKS_PER_SAVE;
    if (this.#looks === 0) this.#save();
  }

  /** Looks no more. Resolves when all is written. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#fetch();
    this.#save();
    await this.#saving;
    await this.#options.log?.close();
  }

  #fetch(): void {
    this.add(this.#options.takeReports());
  }

  #tellVerdicts(): void {
    if (!this.#hasNews) return;
    const before = this.#verdicts;
    this.#verdicts = this.book.verdicts();
    const changed = [...this.#verdicts].filter(([feature, kind]) => before.get(feature) !== kind);
    if (changed.length === 0) return;
    const names = new Set(changed.map(([feature]) => feature));
    for (const status of this.book.status())
      if (names.has(status.feature)) this.#options.onVerdict(status, shadowWords(status));
  }

  #save(): void {
    const { memory } = this.#options;
    if (memory === null || !this.#hasNews) return;
    this.#hasNews = false;
    const text = comparedText(this.book.memories());
    this.#saving = this.#saving
      .then(() => memory.write(text))
      .catch((error: unknown) =>
        this.#options.onTrouble('what was compared cannot be kept: a restart would forget it', error),
      );
  }
}
