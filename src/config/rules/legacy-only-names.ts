import { namesInLegacyOnlyFile } from '../legacy-only.ts';
import { routeNames } from '../route-names.ts';
import { SourceText } from '../source-text.ts';
import { featuresOf, type Rule, type RuleContext } from './rule.ts';

/** `legacy_only` names features and routes of the file. */
export const legacyOnlyNames: Rule = (context) => {
  const { file, issues, didYouMean } = context;
  if (!Array.isArray(file.legacy_only)) return;
  const known = knownNames(context);
  for (const [i, name] of file.legacy_only.entries()) {
    if (known.has(name)) continue;
    issues.error(['legacy_only', i], `no feature or route is named "${name}"${didYouMean.hint(name, known)}`);
  }
};

/** In the LEGACY_ONLY file an unknown name is a warning: the rest of it must act whatever happens. */
export const legacyOnlyFileNames: Rule = (context) => {
  const { issues, didYouMean, legacyOnlyFile } = context;
  if (legacyOnlyFile === null) return;
  const source = new SourceText('LEGACY_ONLY', legacyOnlyFile);
  const known = knownNames(context);
  for (const { name, range } of namesInLegacyOnlyFile(source.text)) {
    if (known.has(name)) continue;
    const message = `no feature or route is named "${name}"${didYouMean.hint(name, known)}`;
    issues.foreign(source.issue('warning', range, message));
  }
};

function knownNames({ file }: RuleContext): Set<string> {
  return new Set([...Object.keys(featuresOf(file)), ...routeNames(file.routes ?? [])]);
}
