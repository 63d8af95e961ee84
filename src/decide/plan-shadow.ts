import type { CopyPurpose, ForwardDecision, Reason, ShadowPlan } from '../model/decision.ts';
import type { Feature, Route, Side, Stage } from '../model/route-table.ts';

/** A decision, and who else there is. */
export interface Answering {
  readonly route: Route;
  readonly feature: Feature;
  readonly side: Side;
  readonly reason: Reason;
  /** The side that was not decided on. */
  readonly other: ForwardDecision;
  readonly legacy: ForwardDecision;
}

/**
 * The copies of what is decided like this (docs/shadow.md); null: there are none. In stage shadow the feature gets them;
 * in canary and live legacy gets those of what the feature answers. Writes go to the feature alone, and there only in
 * stage shadow: in any other stage the data is the feature's, and legacy would write it a second time.
 */
export function planShadow({ route, feature, side, reason, other, legacy }: Answering): ShadowPlan | null {
  const { shadow, stage } = feature;
  const stages: readonly Stage[] = shadow?.stages ?? [];
  if (shadow === null || !stages.includes(stage) || reason === 'rollback') return null;
  if (side !== (stage === 'shadow' ? 'legacy' : 'feature')) return null;
  const repeatable = new Set(route.policy.repeatable);
  const writes = stage === 'shadow' ? shadow.writes : [];
  return Object.freeze({
    shadow,
    feature,
    copy: copyOf(other, 'shadow'),
    again: copyOf(legacy, 'noise'),
    methods: new Set([...repeatable, ...writes]),
    repeatable,
  });
}

function copyOf(decision: ForwardDecision, copy: CopyPurpose): ForwardDecision {
  return Object.freeze({ ...decision, copy });
}
