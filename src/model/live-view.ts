import type { BackendStatus, CapacityStatus } from './backend-status.ts';
import type { FeatureUse, OpenExchanges } from './feature-use.ts';
import type { RecentRefusal } from './recent-refusal.ts';

/** What the admin listener shows of a router's live state. Plain data: with several workers it crosses as it is. */
export interface LiveView {
  readonly backends: readonly BackendStatus[];
  readonly capacities: readonly CapacityStatus[];
  /** What is under way, of each backend that has something. */
  readonly open: readonly OpenExchanges[];
  readonly uses: readonly FeatureUse[];
  /** The newest first. */
  readonly refusals: readonly RecentRefusal[];
}
