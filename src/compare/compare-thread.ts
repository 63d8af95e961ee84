/**
 * Compares in a thread of its own, so that a large answer, or one that is large when it is decoded, stops no request.
 * The thread is started on the first use and kept; it does not keep the process alive. What waits for it is bounded by
 * number and bytes, each comparison by time, and the thread by memory: what is beyond is skipped, and said.
 */
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { ComparedAnswer } from './compare-answers.ts';
import type { AnswersToCompare } from './compare-pair.ts';
import type { PairCompared } from './comparison-tally.ts';

/** Limits of the thread. */
export interface CompareLimits {
  readonly timeoutMs: number;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly maxHeapMiB: number;
}

const LIMITS: CompareLimits = {
  timeoutMs: 5_000,
  maxWaiting: 500,
  maxWaitingBytes: 32 * 1024 * 1024,
  maxHeapMiB: 256,
};

interface Job {
  readonly answers: AnswersToCompare;
  readonly bytes: number;
  readonly done: (compared: PairCompared) => void;
}

/** The thread, and what waits for it. */
export class CompareThread {
  readonly #limits: CompareLimits;
  readonly #waiting: Job[] = [];
  #waitingBytes = 0;
  #worker: Worker | null = null;
  #current: { readonly job: Job; readonly timer: NodeJS.Timeout } | null = null;

  constructor(limits: Partial<CompareLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Calls `done` once, later or at once. */
  compare(answers: AnswersToCompare, done: (compared: PairCompared) => void): void {
    const bytes = bytesOf(answers);
    const isFull =
      this.#waiting.length >= this.#limits.maxWaiting ||
      this.#waitingBytes + bytes > this.#limits.maxWaitingBytes;
    if (isFull) {
      done(skipped('too much to compare at a time'));
      return;
    }
    this.#waiting.push({ answers, bytes, done });
    this.#waitingBytes += bytes;
    this.#next();
  }

  /** Ends the thread. What waits is skipped. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    const left = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    this.#end(skipped('the router ended'));
    for (const { done } of left) done(skipped('the router ended'));
    await worker?.terminate();
  }

  #next(): void {
    if (this.#current !== null) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#waitingBytes -= job.bytes;
    const worker = this.#worker ?? this.#start();
    const timer = setTimeout(() => this.#giveUp('takes too long to compare'), this.#limits.timeoutMs).unref();
    this.#current = { job, timer };
    const { answers, transfer } = own(job.answers);
    worker.postMessage(answers, transfer);
  }

  #start(): Worker {
    const worker = new Worker(workerUrl(), {
      name: 'compare',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.maxHeapMiB, maxYoungGenerationSizeMb: 32 },
    });
    worker.unref();
    worker.on('message', (compared: PairCompared) => {
      // One that was given up may still say something.
      if (this.#worker === worker) this.#end(compared);
    });
    // A thread that fails must not take the process along; `exit` follows.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#end(skipped('could not be compared'));
    });
    this.#worker = worker;
    return worker;
  }

  #giveUp(reason: string): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#end(skipped(reason));
  }

  #end(compared: PairCompared): void {
    if (this.#current === null) return;
    const { job, timer } = this.#current;
    clearTimeout(timer);
    this.#current = null;
    job.done(compared);
    this.#next();
  }
}

/** A pair that was not compared, and why. */
export function skipped(reason: string): PairCompared {
  return { own: { result: 'skipped', reason, differences: [] }, noise: null };
}

/** Of all bodies together. */
export function bytesOf({ legacy, own, again }: AnswersToCompare): number {
  return (legacy.body?.length ?? 0) + (own.body?.length ?? 0) + (again?.body?.length ?? 0);
}

/** Copies of the bodies alone: a Buffer is often a piece of a larger block, which would cross as a whole. */
function own(answers: AnswersToCompare): { answers: AnswersToCompare; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const copyOf = (answer: ComparedAnswer): ComparedAnswer => {
    if (answer.body === null) return answer;
    const body = new Uint8Array(answer.body);
    transfer.push(body.buffer);
    return { ...answer, body };
  };
  const { legacy, own: feature, again, rules } = answers;
  const copied = {
    legacy: copyOf(legacy),
    own: copyOf(feature),
    again: again === null ? null : copyOf(again),
    rules,
  };
  return { answers: copied, transfer };
}

/** The built thread lies in dist/: beside this file's bundle, above its chunk, or, run from source, two folders off. */
function workerUrl(): URL {
  const places = ['./compare-worker.js', '../compare-worker.js', '../../dist/compare-worker.js'];
  const urls = places.map((place) => new URL(place, import.meta.url));
  return urls.find((url) => existsSync(url)) ?? new URL(places[0] as string, import.meta.url);
}
