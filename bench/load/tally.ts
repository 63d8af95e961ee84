/** What a load process counts during a slot. */
import { addLatency, newHistogram } from '../measure/latency-histogram.ts';
import type { LoadResult } from './load-plan.ts';

const REASONS_KEPT = 3;

/** Counts from `start` on; what came before, while connections were opened, counts only when it failed. */
export class Tally {
  #answered = 0;
  #failed = 0;
  #reasons: string[] = [];
  #latencies = newHistogram();
  #startedAt = 0;
  #lastAt = 0;

  /** From now on answers count. */
  start(now: number): void {
    this.#answered = 0;
    this.#latencies = newHistogram();
    this.#startedAt = now;
    this.#lastAt = now;
  }

  /** One right answer, and how long it took. */
  answered(now: number, tookMs: number): void {
    this.#answered += 1;
    this.#lastAt = now;
    addLatency(this.#latencies, tookMs);
  }

  /** One that did not come, or was wrong. */
  failed(reason: string): void {
    this.#failed += 1;
    if (this.#reasons.length < REASONS_KEPT && !this.#reasons.includes(reason)) this.#reasons.push(reason);
  }

  /** Those of the preparation too. */
  get failures(): { readonly failed: number; readonly reasons: readonly string[] } {
    return { failed: this.#failed, reasons: this.#reasons };
  }

  /** To be handed on. */
  get result(): LoadResult {
    return {
      answered: this.#answered,
      ...this.failures,
      tookMs: this.#lastAt - this.#startedAt,
      latencies: this.#latencies,
    };
  }
}
