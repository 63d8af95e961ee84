import type { FeatureSwitch, FeatureSwitches } from '../model/ports.ts';

/** The switches, and who throws them. */
export interface LiveSwitches extends FeatureSwitches {
  /** From now on these features are rolled back, and no others. */
  use(rolledBack: ReadonlySet<string>): void;
}

type Thrown = { isRolledBack: boolean };

/**
 * Nothing is rolled back at first. A switch lives as long as the plans that look at it, those of a replaced table that
 * an exchange still uses included: names come and go over the days, and none is kept that nobody asks for.
 */
export function createSwitches(): LiveSwitches {
  const switches = new Map<string, WeakRef<Thrown>>();
  let current: ReadonlySet<string> = new Set();
  const forgotten = new FinalizationRegistry((feature: string) => {
    // The name may have come back meanwhile, with a switch of its own.
    if (switches.get(feature)?.deref() === undefined) switches.delete(feature);
  });
  return {
    of(feature): FeatureSwitch {
      const known = switches.get(feature)?.deref();
      if (known !== undefined) return known;
      const made: Thrown = { isRolledBack: current.has(feature) };
      switches.set(feature, new WeakRef(made));
      forgotten.register(made, feature);
      return made;
    },
    use(rolledBack) {
      current = rolledBack;
      for (const [feature, found] of switches) {
        const thrown = found.deref();
        if (thrown !== undefined) thrown.isRolledBack = rolledBack.has(feature);
      }
    },
  };
}
