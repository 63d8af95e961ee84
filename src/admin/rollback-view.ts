import type { RollbackStatus, RollbackVerdict, SideSummary } from '../model/feature-counts.ts';

/** How a feature with auto_rollback stands, for `/api/routes`. */
export function rollbackView({ feature, verdict, rollback }: RollbackStatus): object {
  return {
    feature,
    verdict: verdict.kind,
    says: verdictText(verdict),
    missing: verdict.missing,
    window: { feature: sideView(verdict.own), legacy: sideView(verdict.legacy) },
    rolled_back:
      rollback === null
        ? null
        : {
            since: new Date(rollback.since).toISOString(),
            until: rollback.until === null ? null : new Date(rollback.until).toISOString(),
            count: rollback.count,
            why: rollback.why,
            ends: endText(feature),
          },
  };
}

/** What a verdict means, in words. */
function verdictText({ kind, missing }: RollbackVerdict): string {
  if (kind === 'rolled_back') return 'rolled back';
  if (kind === 'within_limits' || missing === null) return 'within its limits';
  const side = missing.side === 'feature' ? 'the feature' : 'legacy';
  return `too little data: ${missing.requests} more requests of ${side} are needed`;
}

function endText(feature: string): string {
  return `any edit of the block "${feature}" under features in routes.yaml`;
}

function sideView({ requests, errors, p95Ms }: SideSummary): object {
  return { requests, errors, p95_ms: p95Ms === null ? null : Math.round(p95Ms * 10) / 10 };
}
