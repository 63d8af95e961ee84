import type { Failure } from './failure.ts';

/** How many are kept. */
export const MOST_REFUSALS = 50;

/** A request that was refused before a route was known, as it may be shown: secrets in its query are masked. */
export interface RecentRefusal {
  /** Wall clock, ms. */
  readonly time: number;
  readonly requestId: string;
  readonly failure: Failure;
  readonly status: number;
  /** Address of the peer; null if it had gone. */
  readonly client: string | null;
  /** null: nothing of the request line could be read. */
  readonly method: string | null;
  readonly path: string | null;
  readonly userAgent: string | null;
}

/** The last ones of all, the newest first. */
export function newestOf(refusals: readonly RecentRefusal[]): readonly RecentRefusal[] {
  return [...refusals].sort((one, other) => other.time - one.time).slice(0, MOST_REFUSALS);
}
