import type { FeatureSwitch, FeatureSwitches } from '../model/ports.ts';

/** The switches, and who throws them. */
export interface LiveSwitches extends FeatureSwitches {
  /** From now on these features are rolled back, and no others. */
  use(rolledBack: ReadonlySet<string>): void;
}

/** Nothing is rolled back at first. */
export function createSwitches(): LiveSwitches {
  const switches = new Map<string, { isRolledBack: boolean }>();
  let current: ReadonlySet<string> = new Set();
  return {
    of(feature): FeatureSwitch {
      let found = switches.get(feature);
      if (found === undefined) {
        found = { isRolledBack: current.has(feature) };
        switches.set(feature, found);
      }
      return found;
    },
    use(rolledBack) {
      current = rolledBack;
      for (const [feature, found] of switches) found.isRolledBack = rolledBack.has(feature);
    },
  };
}
