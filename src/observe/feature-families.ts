import type { Feature } from '../model/route-table.ts';
import { escapeLabel, type MetricFamily } from './exposition.ts';

/** What is asked about a feature at each scrape. */
export interface FeatureStates {
  /** Part of its clients that it is to answer now, 0 … 1. */
  readonly shareOf: (feature: Feature) => number;
  /** auto_rollback took it back. */
  readonly isRolledBack: (feature: Feature) => boolean;
}

/** What is shown of each feature of the table in force. */
export function featureFamilies({ shareOf, isRolledBack }: FeatureStates): readonly MetricFamily<Feature>[] {
  return [
    {
      name: 'banyan_feature_info',
      type: 'gauge',
      help: '1 for each feature, with its stage.',
      lines: (name, { name: feature, stage }) =>
        `${name}{feature="${escapeLabel(feature)}",stage="${stage}"} 1\n`,
    },
    {
      name: 'banyan_feature_share_ratio',
      type: 'gauge',
      help: 'Part of its clients that a feature is to answer now, testers left out.',
      lines: (name, feature) => `${name}{feature="${escapeLabel(feature.name)}"} ${shareOf(feature)}\n`,
    },
    {
      name: 'banyan_feature_rolled_back',
      type: 'gauge',
      help: '1 while auto_rollback has legacy answer for a feature.',
      lines: (name, feature) =>
        `${name}{feature="${escapeLabel(feature.name)}"} ${isRolledBack(feature) ? 1 : 0}\n`,
    },
  ];
}
