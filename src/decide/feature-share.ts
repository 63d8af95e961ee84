import type { FeatureSwitches } from '../model/ports.ts';
import type { Feature, RouteTable } from '../model/route-table.ts';
import { PLACES } from './bucket.ts';

/**
 * Part of its clients that a feature is to answer now, 0 … 1: what the stage says, and 0 while `legacy_only` or a
 * rollback takes all of it back. Testers are left out, and so are routes that `legacy_only` names by themselves.
 */
export function shareOf(
  feature: Feature,
  { legacyOnly }: Pick<RouteTable, 'legacyOnly'>,
  switches: FeatureSwitches,
): number {
  if (feature.stage === 'done') return 1;
  if (legacyOnly.everything || legacyOnly.features.includes(feature.name)) return 0;
  if (feature.stage === 'legacy' || feature.stage === 'shadow') return 0;
  if (switches.of(feature.name).isRolledBack) return 0;
  return feature.stage === 'live' ? 1 : (feature.canary?.shareHundredths ?? 0) / PLACES;
}
