/** What a load process is told to do: everything that crosses from the bench to it, and back. */
import type { LatencyHistogram } from '../measure/latency-histogram.ts';

/** One slot of work: one proxy, one workload, some seconds. */
export interface LoadPlan {
  readonly kind: 'requests' | 'connections' | 'streams' | 'messages';
  readonly port: number;
  /** Of this process. */
  readonly connections: number;
  /** The whole request but its body, as bytes of latin1. */
  readonly head: string;
  /** Bytes of body that follow it. */
  readonly bodyBytes: number;
  /** What the answer must be. */
  readonly expect: { readonly status: number; readonly bytes: number };
}

/** Told by the bench. */
export type LoadOrder =
  | { readonly do: 'prepare'; readonly plan: LoadPlan }
  | { readonly do: 'go'; readonly forMs: number }
  /** Opens connections, a few at a time, and keeps them beside those that are held already, until `close`. */
  | { readonly do: 'hold'; readonly plan: LoadPlan }
  | { readonly do: 'close' };

/** What came of a slot. */
export interface LoadResult {
  /** Answers (events, messages) that were right. */
  readonly answered: number;
  readonly failed: number;
  /** The first few failures in words. */
  readonly reasons: readonly string[];
  /** From `go` to the last answer. */
  readonly tookMs: number;
  readonly latencies: LatencyHistogram;
}

/** Told by a load process. */
export type LoadReport =
  | { readonly is: 'ready'; readonly failed: number; readonly reasons: readonly string[] }
  | { readonly is: 'done'; readonly result: LoadResult };
