import { namesInLegacyOnlyFile } from '../legacy-only.ts';
import { routeNames } from '../route-names.ts';
import { SourceText } from '../source-text.ts';
import { featuresOf, type Rule, type RuleContext } from './rule.ts';

/**
 * `legacy_only` never moves what is `done`, redirects and responses: legacy has no code for them any more. Whoever
 * pulls that lever learns at once what it spared.
 */
export const legacyOnlySpares: Rule = (context) => {
  const { file, issues, legacyOnlyFile } = context;
  const spared = sparedOf(context);
  if (file.legacy_only === true && spared.size > 0) issues.warning(['legacy_only'], everythingBut(spared));
  for (const [i, name] of Array.isArray(file.legacy_only) ? file.legacy_only.entries() : []) {
    const what = spared.get(name);
    if (what !== undefined) issues.warning(['legacy_only', i], `"${name}" is spared: ${what}`);
  }
  if (legacyOnlyFile === null) return;
  const source = new SourceText('LEGACY_ONLY', legacyOnlyFile);
  const names = namesInLegacyOnlyFile(source.text);
  if (names.length === 0 && spared.size > 0)
    issues.foreign(source.issue('warning', [0, 1], everythingBut(spared)));
  for (const { name, range } of names) {
    const what = spared.get(name);
    if (what !== undefined) issues.foreign(source.issue('warning', range, `"${name}" is spared: ${what}`));
  }
};

/** How many names one message holds. */
const MAX_NAMED = 10;

function everythingBut(spared: ReadonlyMap<string, string>): string {
  const names = [...spared.keys()].slice(0, MAX_NAMED).map((name) => `"${name}"`);
  const more = spared.size > MAX_NAMED ? ` and ${spared.size - MAX_NAMED} more` : '';
  return `all goes to legacy but what is spared, being done, a redirect or a response: ${names.join(', ')}${more}`;
}

/** What would be spared, by name, and why. A name that is both means the feature. */
function sparedOf({ file }: RuleContext): Map<string, string> {
  const spared = new Map<string, string>();
  const routes = file.routes ?? [];
  for (const [i, name] of routeNames(routes).entries()) {
    if (routes[i]?.redirect !== undefined) spared.set(name, 'it is a redirect');
    if (routes[i]?.respond !== undefined) spared.set(name, 'it is a response of the router itself');
  }
  for (const [name, feature] of Object.entries(featuresOf(file))) {
    spared.delete(name);
    if (typeof feature !== 'string' && feature.stage === 'done') spared.set(name, 'it is done');
  }
  return spared;
}
