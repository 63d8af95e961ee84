import type { FeatureUse, OpenExchanges } from '../model/feature-use.ts';
import type { Feature } from '../model/route-table.ts';

/** Of `/api/backends`: what is under way on a backend. */
export function openView(open: OpenExchanges | undefined): object {
  const { requests = 0, streams = 0, upgrades = 0 } = open ?? {};
  return { requests, streams, upgrades };
}

/** Of `/api/backends`: how far a feature is, who answered on its routes, and the writes that it took since it went live. */
export function featureView(feature: Feature, use: FeatureUse | undefined): object {
  const { recent, writes = 0, writesSince = null } = use ?? {};
  return {
    stage: feature.stage,
    /** Percent of clients, of the canary's block; null without one. */
    share: feature.canary === null ? null : feature.canary.shareHundredths / 100,
    answers_5m: { legacy: recent?.legacy ?? 0, feature: recent?.feature ?? 0 },
    writes,
    writes_since: writesSince === null ? null : new Date(writesSince).toISOString(),
  };
}
