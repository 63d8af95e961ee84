/**
 * How many requests may be sent again: a fifth of all, so that a backend in trouble is not buried under repeats. A
 * few are always there, for a router with little traffic.
 */
const PER_REQUEST = 0.2;
const MOST = 100;
const AT_START = 10;

/** The budget of one backend. */
export class ResendBudget {
  private readonly most: number;
  private tokens: number;

  /** `portion`: of all requests, that which comes to this process, 0 … 1. One can always be saved up. */
  constructor(portion = 1) {
    this.most = Math.max(1, MOST * portion);
    this.tokens = Math.max(1, AT_START * portion);
  }

  /** One more request was sent for the first time. */
  earn(): void {
    this.tokens = Math.min(this.most, this.tokens + PER_REQUEST);
  }

  /** True if one may be sent again. */
  spend(): boolean {
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
