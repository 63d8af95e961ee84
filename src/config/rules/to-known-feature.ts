import { featuresOf, type Rule, routesOf } from './rule.ts';

/** `to` names a feature of the file, or legacy. */
export const toKnownFeature: Rule = ({ file, issues, didYouMean }) => {
  const features = featuresOf(file);
  for (const { route, path } of routesOf(file)) {
    if (route.to === undefined || route.to === 'legacy' || Object.hasOwn(features, route.to)) continue;
    const hint = didYouMean.hint(route.to, [...Object.keys(features), 'legacy']);
    issues.error([...path, 'to'], `unknown feature "${route.to}"${hint || addHint(route.to)}`);
  }
};

function addHint(name: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(name) ? `: no "${name}" under "features"` : '';
}
