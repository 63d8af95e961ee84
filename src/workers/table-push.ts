/**
 * One table for all workers. It goes to each in parts, so that neither side's event loop stands still, and in two
 * steps, so that either all use it or none does:
 *
 *   parts ─▶ every worker says that it is ready ─▶ use it ─▶ every worker says that it does ─▶ it is in force
 *                     one cannot ─▶ drop it: the old table goes on everywhere
 *
 * Pushes and joins come one after the other: a worker that starts meanwhile gets the newest table, whole.
 */
import { partsOf } from '../config/loaded-parts.ts';
import type { RouteTable } from '../model/route-table.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

/** What a push needs of a worker. */
export interface TableTaker {
  readonly isGone: boolean;
  readonly ended: Promise<unknown>;
  tell(message: ToWorker): void;
  ask<Kind extends ToPrimary['kind']>(
    message: ToWorker,
    wanted: { readonly answers: readonly Kind[]; readonly limitMs: number },
  ): Promise<Extract<ToPrimary, { kind: Kind }>>;
  kill(): void;
}

/** A worker that does not answer for so long is stuck: it is ended, and replaced. */
const LIMIT_MS = 30_000;

/** Keeps all workers at the same table. */
export class TablePush {
  readonly #takers = new Set<TableTaker>();
  #table: RouteTable | null = null;
  #last: Promise<unknown> = Promise.resolve();
  readonly #limitMs: number;

  constructor({ limitMs = LIMIT_MS }: { readonly limitMs?: number } = {}) {
    this.#limitMs = limitMs;
  }

  /** Resolves when all workers use the table. Rejects if one cannot: then none does. */
  push(table: RouteTable): Promise<void> {
    return this.#inTurn(async () => {
      const takers = [...this.#takers].filter(({ isGone }) => !isGone);
      const refusals = await Promise.all(takers.map((taker) => this.#prepare(taker, table)));
      const reason = refusals.find((refusal) => refusal !== null);
      if (reason !== undefined) {
        const ready = takers.filter((_, i) => refusals[i] === null);
        await Promise.all(ready.map((taker) => this.#say(taker, 'table_drop', 'table_failed')));
        throw new Error(`a worker could not take the table: ${reason}`);
      }
      this.#table = table;
      await Promise.all(takers.map((taker) => this.#say(taker, 'table_use', 'table_used')));
    });
  }

  /** Brings a worker to the newest table; from now on it gets every further one. Rejects if it cannot take it. */
  join(taker: TableTaker): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#table === null) throw new Error('there is no table yet');
      const reason = await this.#prepare(taker, this.#table);
      if (reason !== null || taker.isGone) throw new Error(reason ?? 'it ended while it took the table');
      await this.#say(taker, 'table_use', 'table_used');
      this.#takers.add(taker);
      void taker.ended.then(() => this.#takers.delete(taker));
    });
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** null: it is ready, or gone, which is no reason against the table. */
  async #prepare(taker: TableTaker, table: RouteTable): Promise<string | null> {
    const answers = ['next_part', 'table_ready', 'table_failed'] as const;
    try {
      for (const part of partsOf({ table, issues: [], env: {} })) {
        const answer = await taker.ask({ kind: 'table_part', part }, { answers, limitMs: this.#limitMs });
        if (answer.kind === 'table_failed') return answer.reason;
      }
      return null;
    } catch {
      taker.kill();
      return null;
    }
  }

  async #say(
    taker: TableTaker,
    kind: 'table_use' | 'table_drop',
    answer: 'table_used' | 'table_failed',
  ): Promise<void> {
    await taker.ask({ kind }, { answers: [answer], limitMs: this.#limitMs }).catch(() => taker.kill());
  }
}
