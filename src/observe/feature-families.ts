import type { Feature } from '../model/route-table.ts';
import { escapeLabel, type MetricFamily } from './exposition.ts';

/** What is shown of each feature of the table in force. `shareOf`: part of its clients that it is to answer now. */
export function featureFamilies(shareOf: (feature: Feature) => number): readonly MetricFamily<Feature>[] {
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
  ];
}
