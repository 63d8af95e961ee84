/**
 * What is under way on a backend, and what a feature has done lately: what one wants to know before and after its stage
 * is moved. Made when it is asked for; plain data.
 */

/** Exchanges under way on a backend. */
export interface OpenExchanges {
  readonly backend: string;
  /** Neither of the others. */
  readonly requests: number;
  readonly streams: number;
  readonly upgrades: number;
}

/** What a feature's routes answered, and what it was given to keep. */
export interface FeatureUse {
  readonly feature: string;
  /** Answers on its routes in the last five minutes, by the side that gave them. */
  readonly recent: { readonly legacy: number; readonly feature: number };
  /**
   * Requests that are not repeatable and reached the feature since it last came into a stage in which it answers: what
   * they wrote stays with it.
   */
  readonly writes: number;
  /** When that was, or when this process began, if that was later; wall clock, ms. Null: it never answered. */
  readonly writesSince: number | null;
}
