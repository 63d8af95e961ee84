import { totalmem } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Loaded } from '../model/loaded.ts';
import { fileIssue } from './load-routes.ts';
import type { ToLoadWorker } from './load-worker.ts';
import { LoadedAssembly, type LoadedPart } from './loaded-parts.ts';
import type { ParseInput } from './parse-routes.ts';

/** Parses a routes file, wherever that happens. Resolves also when the file is bad. */
export type ParseRoutes = (input: ParseInput) => Promise<Loaded>;

/** Limits of the loading thread: past them a file is refused, and the router goes on. */
export interface ThreadLimits {
  readonly timeoutMs: number;
  readonly maxHeapMiB: number;
}

/** Room for the young: a tree of a large file is built in one go, and copying it again and again takes as long. */
const YOUNG_MIB = 128;
/** 50 000 routes take a fifth of it. */
const MOST_HEAP_MIB = 2_048;
/** Some hundred routes can be parsed in it. */
const LEAST_HEAP_MIB = 64;

/**
 * Heap for the loading thread where there is this much memory: up to half, the young included. A file that is not one
 * of routes must not bring down the container.
 */
export function heapForParsingMiB(memoryBytes: number): number {
  const half = Math.floor(memoryBytes / 2 ** 21);
  return Math.min(MOST_HEAP_MIB, Math.max(LEAST_HEAP_MIB, half - YOUNG_MIB / 2));
}

/** What the process may use: its control group's limit, or the machine's memory. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

const TIMEOUT_MS = 30_000;

/**
 * Parses in a thread of its own, so that a large file does not stop requests. The thread is started on the first use
 * and kept, since starting one costs more than a small file; it does not keep the process alive. One file at a time:
 * the next waits.
 */
export class LoadThread {
  readonly #url: URL;
  readonly #limits: ThreadLimits;
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();

  /** @param url The built worker, `load-worker.js`. */
  constructor(
    url: URL,
    limits: ThreadLimits = { timeoutMs: TIMEOUT_MS, maxHeapMiB: heapForParsingMiB(memoryBytes()) },
  ) {
    this.#url = url;
    this.#limits = limits;
  }

  readonly parse: ParseRoutes = (input) => {
    const result = this.#last.then(() => this.#run(input));
    this.#last = result.catch(() => undefined);
    return result;
  };

  /** Starts the thread already: it loads what it needs while others do. */
  prepare(): void {
    this.#worker ??= this.#start();
    this.#worker.unref();
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#url, {
      name: 'load-routes',
      resourceLimits: {
        maxOldGenerationSizeMb: this.#limits.maxHeapMiB,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
    });
    // A thread that fails between two files must not take the process along.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    this.#worker = worker;
    return worker;
  }

  #run(input: ParseInput): Promise<Loaded> {
    const worker = this.#worker ?? this.#start();
    const assembly = new LoadedAssembly();
    const say = (message: ToLoadWorker): void => worker.postMessage(message);
    return new Promise((resolve) => {
      const end = (loaded: Loaded): void => {
        clearTimeout(timer);
        worker.off('message', onPart).off('error', onError).off('exit', onExit);
        worker.unref();
        resolve(loaded);
      };
      const fail = (reason: string): void => {
        void this.close();
        end({ table: null, issues: [fileIssue(input.file, `cannot be read: ${reason}`)], env: {} });
      };
      const onPart = (part: LoadedPart): void => {
        const whole = assembly.add(part);
        if (whole !== null) end(whole);
        else setImmediate(say, { kind: 'next' });
      };
      const onError = (error: Error): void => fail(reasonOf(error));
      const onExit = (): void => fail('the thread that parses it ended');
      const timer = setTimeout(
        fail,
        this.#limits.timeoutMs,
        `it takes more than ${this.#limits.timeoutMs} ms`,
      );
      worker.on('message', onPart).once('error', onError).once('exit', onExit);
      worker.ref();
      say({ kind: 'parse', input });
    });
  }
}

function reasonOf(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'parsing it takes too much memory';
  return `parsing it failed, which is a fault of Banyan (${error.message})`;
}
