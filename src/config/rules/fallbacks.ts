import type { FeatureFile } from '../schema/feature-schema.ts';
import type { Path } from '../schema-check.ts';
import { featuresOf, type Rule, routesOf } from './rule.ts';

/** What a fallback is good for in the stage and with the deadlines that are written. */
export const fallbacks: Rule = ({ file, issues }) => {
  for (const [name, feature] of Object.entries(featuresOf(file))) {
    if (typeof feature === 'string' || !isOn(feature)) continue;
    const path: Path = ['features', name, 'fallback'];
    if (feature.stage === 'done' && issues.isWhole(path))
      issues.warning(path, '"fallback" does nothing in stage done: legacy\'s code for it may be gone', 'key');
  }
};

/** A 404 can be asked on the other side only where there are two. */
export const eithers: Rule = ({ file, issues }) => {
  const message = '"either" does nothing here: no feature answers, so there is no other side';
  for (const { route, path } of routesOf(file)) {
    const isFeature = route.to !== undefined && route.to !== 'legacy';
    if (route.either === true && !isFeature && issues.isWhole(path))
      issues.warning([...path, 'either'], message, 'key');
  }
  if (file.default?.either === true) issues.warning(['default', 'either'], message, 'key');
};

function isOn({ fallback }: FeatureFile): boolean {
  return fallback !== undefined && fallback !== false;
}
