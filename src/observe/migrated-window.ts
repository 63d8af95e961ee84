import { AnswersBySide } from './answers-by-side.ts';

/**
 * How far the migration is, by what really happens: the share of the last five minutes' answers that came from
 * features.
 */
export class MigratedWindow {
  readonly #answers = new AnswersBySide();
  readonly #nowMs: () => number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Counts an answer of a backend. */
  count(isFeature: boolean): void {
    this.#answers.count(isFeature, this.#nowMs());
  }

  /** 0 to 1; NaN when nothing was answered. */
  ratio(): number {
    const { byFeature, total } = this.counts();
    return byFeature / total;
  }

  /** Answers of the last five minutes: what the ratio is made of. */
  counts(): { byFeature: number; total: number } {
    const { legacy, feature } = this.#answers.of(this.#nowMs());
    return { byFeature: feature, total: legacy + feature };
  }
}
