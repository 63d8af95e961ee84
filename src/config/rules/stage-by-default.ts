import { DEFAULT_STAGE } from '../defaults.ts';
import { featuresOf, type Rule } from './rule.ts';

/** A feature whose stage is not said takes requests at once: better said. */
export const stageByDefault: Rule = ({ file, issues }) => {
  for (const [name, feature] of Object.entries(featuresOf(file))) {
    if (typeof feature !== 'string' && feature.stage !== undefined) continue;
    const path = ['features', name];
    if (!issues.isWhole(path)) continue;
    issues.warning(path, `feature "${name}" has no "stage": it is ${DEFAULT_STAGE}`, 'key');
  }
};
