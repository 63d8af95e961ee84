/**
 * The clock of auto_rollback, and its memory: has counts fetched and windows looked at as often as the shortest window
 * wants, and keeps what is rolled back in a file, one write at a time.
 */
import type { FeatureCounts, Rollback } from '../model/feature-counts.ts';
import type { RouteTable } from '../model/route-table.ts';
import type { StateFile } from '../model/state-file.ts';
import { readRollbacks, rollbacksText } from './rollback-file.ts';
import type { RollbackNews } from './rollback-news.ts';
import { Rollbacks } from './rollbacks.ts';

/** What keeping needs. */
export interface KeeperOptions {
  /** Counted since it was last asked; with workers that have told by themselves, none. */
  readonly takeCounts: () => readonly FeatureCounts[];
  readonly onChange: (rolledBack: ReadonlySet<string>) => void;
  readonly onNews: (news: RollbackNews) => void;
  /** Rollbacks cannot be kept, or what was kept cannot be read. */
  readonly onTrouble: (message: string, error: unknown) => void;
  /** Null: a restart forgets them. */
  readonly memory: StateFile | null;
}

/** When what could not be written is tried again. */
const AGAIN_MS = 10_000;

/** Runs auto_rollback of a router. `restore` first, then `tableChanged` with each table. */
export class RollbackKeeper {
  readonly rollbacks: Rollbacks;
  readonly #options: KeeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #saved: string | null = rollbacksText([]);
  #unsaved: { readonly rollbacks: readonly Rollback[]; readonly againAt: number } | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.rollbacks = new Rollbacks({
      now: () => performance.now(),
      time: Date.now,
      onChange: options.onChange,
      onNews: options.onNews,
      save: (rollbacks) => this.#save(rollbacks),
    });
  }

  /** Takes up what was kept. Never rejects. */
  async restore(): Promise<void> {
    try {
      const text = (await this.#options.memory?.read()) ?? null;
      if (text === null) return;
      const rollbacks = readRollbacks(text);
      if (rollbacks === null) throw new Error('its content is damaged, or of another version');
      this.#saved = text;
      this.rollbacks.restore(rollbacks);
    } catch (error) {
      this.#options.onTrouble('what was rolled back before the restart cannot be read: nothing is', error);
    }
  }

  tableChanged(table: RouteTable): void {
    this.rollbacks.tableChanged(table);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#look(), this.rollbacks.everyMs).unref();
  }

  /** Looks no more. Resolves when all is written. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
  }

  #look(): void {
    this.rollbacks.add(this.#options.takeCounts());
    this.rollbacks.look();
    if (this.#unsaved !== null && performance.now() >= this.#unsaved.againAt)
      this.#save(this.#unsaved.rollbacks);
  }

  #save(rollbacks: readonly Rollback[]): void {
    const { memory } = this.#options;
    const text = rollbacksText(rollbacks);
    if (memory === null || text === this.#saved) return;
    this.#saved = text;
    this.#unsaved = null;
    this.#saving = this.#saving
      .then(() => memory.write(text))
      .catch((error: unknown) => {
        this.#options.onTrouble('what is rolled back cannot be kept: a restart would forget it', error);
        if (this.#saved !== text) return;
        this.#saved = null;
        this.#unsaved = { rollbacks, againAt: performance.now() + AGAIN_MS };
      });
  }
}
