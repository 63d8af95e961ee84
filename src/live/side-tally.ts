import type { SideCounts } from '../model/feature-counts.ts';
import { BUCKETS, bucketOf } from './durations.ts';

/** Counts of one side that grow and shrink: of what was just counted, of a slice of a window, of a window. */
export class SideTally {
  requests = 0;
  errors = 0;
  /** By bucket; null where nobody asks for times. */
  readonly times: Uint32Array | null;

  constructor(hasTimes: boolean) {
    this.times = hasTimes ? new Uint32Array(BUCKETS) : null;
  }

  /** One request; `ms` is null when no answer came. Allocates nothing. */
  count(isError: boolean, ms: number | null): void {
    this.requests++;
    if (isError) this.errors++;
    if (this.times === null || ms === null) return;
    const bucket = bucketOf(ms);
    this.times[bucket] = (this.times[bucket] as number) + 1;
  }

  /** Adds what somebody counted. */
  add({ requests, errors, times }: SideCounts): void {
    this.requests += requests;
    this.errors += errors;
    if (this.times === null) return;
    for (let i = 0; i < times.length; i += 2) {
      const bucket = times[i] as number;
      if (bucket < BUCKETS) this.times[bucket] = (this.times[bucket] as number) + (times[i + 1] as number);
    }
  }

  /** Takes away what was added before. */
  subtract(other: SideTally): void {
    this.requests -= other.requests;
    this.errors -= other.errors;
    if (this.times === null || other.times === null) return;
    for (let at = 0; at < BUCKETS; at++)
      this.times[at] = (this.times[at] as number) - (other.times[at] as number);
  }

  /** As plain data. */
  counts(): SideCounts {
    const times: number[] = [];
    this.times?.forEach((count, bucket) => {
      if (count > 0) times.push(bucket, count);
    });
    return { requests: this.requests, errors: this.errors, times };
  }

  clear(): void {
    this.requests = 0;
    this.errors = 0;
    this.times?.fill(0);
  }
}
