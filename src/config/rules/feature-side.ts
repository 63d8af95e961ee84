import { DEFAULT_PATHS } from '../defaults.ts';
import { pathProblem } from '../path-form.ts';
import type { RouteFile } from '../schema/route-schema.ts';
import type { Path } from '../schema-check.ts';
import { type Rule, type RuleContext, routesOf } from './rule.ts';

const FEATURE_SIDE = ['rewrite', 'request_headers', 'timeouts'] as const;

/** What acts on the feature side only needs a feature; `pin` needs legacy. */
export const sideOfKeys: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    const isFeature = route.to !== undefined && route.to !== 'legacy';
    for (const key of FEATURE_SIDE) {
      if (route[key] === undefined || isFeature || !issues.isWhole(path)) continue;
      issues.error(
        [...path, key],
        `"${key}" acts on the feature side only, and this route goes to no feature`,
        'key',
      );
    }
    if (route.pin === true && route.to !== 'legacy' && issues.isWhole(path)) {
      issues.error([...path, 'pin'], '"pin" goes with "to: legacy" only', 'key');
    }
  }
};

/** A rewrite is one of two, replaces what a prefix matched, and by a path. */
export const rewrites: Rule = (context) => {
  for (const { route, path } of routesOf(context.file)) {
    if (route.rewrite !== undefined) checkRewrite(context, route, [...path, 'rewrite']);
  }
};

function checkRewrite({ file, issues }: RuleContext, route: RouteFile, path: Path): void {
  const { strip_prefix: strip, replace_prefix: replacement } = route.rewrite ?? {};
  if (strip !== undefined && replacement !== undefined) {
    issues.error(
      [...path, 'replace_prefix'],
      'a rewrite has "strip_prefix" or "replace_prefix", not both',
      'key',
    );
  } else if (strip === undefined && replacement === undefined) {
    if (issues.isWhole(path)) issues.error(path, 'a rewrite has "strip_prefix" or "replace_prefix"', 'key');
    return;
  }
  const key = replacement === undefined ? 'strip_prefix' : 'replace_prefix';
  const isOn = strip === true || replacement !== undefined;
  if (isOn && !hasPrefixOnly(route))
    issues.error([...path, key], `"${key}" needs "prefix" in every alternative of the match`, 'key');
  if (replacement === undefined) return;
  const reading = { mergeSlashes: file.paths?.merge_slashes ?? DEFAULT_PATHS.mergeSlashes };
  const problem = /\/:/.test(replacement)
    ? `"${replacement}": it can't name parameters`
    : pathProblem(replacement, reading);
  if (problem !== null) issues.error([...path, 'replace_prefix'], problem);
}

function hasPrefixOnly({ match = {} }: RouteFile): boolean {
  const { any, ...shared } = match;
  if (shared.path !== undefined || shared.regex !== undefined) return false;
  return (
    shared.prefix !== undefined ||
    ((any ?? []).some(() => true) && (any ?? []).every(({ prefix }) => prefix !== undefined))
  );
}
