import type { Failure } from '../model/failure.ts';

/**
 * Holding a request while no endpoint accepts (docs/endpoints.md): a container that is being recreated is back in
 * seconds. Only what cannot have reached a backend is held; when the time is up, the last connect failure is the
 * failure.
 */
const HOLDABLE: ReadonlySet<Failure> = new Set(['connect_refused', 'connect_timeout', 'dns', 'no_endpoint']);
/** How often a held request tries again while nothing changes. */
const RETRY_MS = 100;

/** The waiting of one exchange. */
export class Hold {
  private until: number | null = null;
  private lastConnectFailure: Failure | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | null = null;
  private readonly options: {
    holdMs: number;
    now: () => number;
    onChange: (changed: () => void) => () => void;
  };

  constructor(options: { holdMs: number; now: () => number; onChange: (changed: () => void) => () => void }) {
    this.options = options;
  }

  /** Calls `retry` soon if this failure may be held and time is left; otherwise returns the failure to report. */
  holdOrFail(failure: Failure, retry: () => void): Failure | null {
    if (!HOLDABLE.has(failure)) return failure;
    if (failure.startsWith('connect_')) this.lastConnectFailure = failure;
    const now = this.options.now();
    this.until ??= now + this.options.holdMs;
    if (now >= this.until) return this.lastConnectFailure ?? failure;
    this.wait(Math.min(RETRY_MS, this.until - now), retry);
    return null;
  }

  /** Stops waiting. */
  cancel(): void {
    clearTimeout(this.timer);
    this.stopListening?.();
    this.stopListening = null;
  }

  private wait(ms: number, retry: () => void): void {
    const again = (): void => {
      this.cancel();
      retry();
    };
    this.timer = setTimeout(again, ms);
    this.stopListening = this.options.onChange(again);
  }
}
