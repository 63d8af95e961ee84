import type { News } from './messages.ts';

/** Texts remembered; names and addresses change, and old ones need not be known for ever. */
const MOST_TEXTS = 1_000;

/**
 * What every worker finds out for itself (a name has another address) is said once: a line goes to the log when a
 * worker says it for the n-th time and no other has said it so often yet.
 */
export class NewsDesk {
  readonly #said = new Map<string, { logged: number; readonly byWorker: Map<number, number> }>();
  readonly #log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };

  constructor(log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  }) {
    this.#log = log;
  }

  /** A worker, by its number, has something to say. */
  take(worker: number, { level, fields, message }: News): void {
    const text = `${message} ${JSON.stringify(fields)}`;
    const known = this.#said.get(text) ?? { logged: 0, byWorker: new Map<number, number>() };
    this.#said.set(text, known);
    const times = (known.byWorker.get(worker) ?? 0) + 1;
    known.byWorker.set(worker, times);
    if (times > known.logged) {
      known.logged = times;
      this.#log[level](fields, message);
    }
    if (this.#said.size > MOST_TEXTS) this.#said.delete(this.#said.keys().next().value as string);
  }
}
