import { TOKEN } from '../http-words.ts';
import type { FeatureFile } from '../schema/feature-schema.ts';
import type { ShadowFile } from '../schema/shadow-schema.ts';
import type { Path } from '../schema-check.ts';
import { isLikeJsonPath, jsonPathProblem, textPatternProblem } from './json-paths.ts';
import { checkMethods } from './methods.ts';
import { featuresOf, type Rule, type RuleContext } from './rule.ts';

/** A feature with a block, and where it stands. */
interface Written {
  readonly shadow: ShadowFile;
  readonly stage: FeatureFile['stage'];
  readonly path: Path;
  readonly context: RuleContext;
}

const CHECKS: readonly ((written: Written) => void)[] = [
  copiesEnd,
  methodsAreWritten,
  headersAreNames,
  patternsCanBeRead,
  pathsCanBeRead,
  actsInItsStage,
];

/** What a `shadow` block needs so that copies are made, end, and can be compared. */
export const shadows: Rule = (context) => {
  for (const [name, feature] of Object.entries(featuresOf(context.file))) {
    if (typeof feature === 'string' || feature.shadow === undefined) continue;
    const { shadow, stage } = feature;
    for (const check of CHECKS) check({ shadow, stage, path: ['features', name, 'shadow'], context });
  }
};

function copiesEnd({ shadow, path, context: { issues } }: Written): void {
  if (shadow.timeout === 0)
    issues.error([...path, 'timeout'], '"timeout" of shadow must be longer than 0: a copy has to end');
}

function methodsAreWritten({ shadow, path, context: { issues } }: Written): void {
  checkMethods(issues, shadow.writes, [...path, 'writes']);
}

function headersAreNames({ shadow, path, context: { issues } }: Written): void {
  for (const [i, name] of (shadow.compare?.headers ?? []).entries()) {
    const at = [...path, 'compare', 'headers', i];
    if (!TOKEN.test(name)) issues.error(at, `"${name}" is not a header name`);
  }
}

function pathsCanBeRead({ shadow: { compare }, path, context: { issues } }: Written): void {
  const at = (...keys: Path): Path => [...path, 'compare', ...keys];
  for (const [i, written] of (compare?.unordered ?? []).entries()) {
    const problem = jsonPathProblem(written);
    if (problem !== null) issues.error(at('unordered', i), problem);
  }
  for (const written of Object.keys(compare?.tolerance ?? {})) {
    const problem = jsonPathProblem(written);
    if (problem !== null) issues.error(at('tolerance', written), problem, 'key');
  }
}

/** `ignore` and `redact` take JSONPaths and, for texts, regexes. */
function patternsCanBeRead({ shadow: { compare }, path, context: { issues } }: Written): void {
  for (const key of ['ignore', 'redact'] as const) {
    for (const [i, written] of (compare?.[key] ?? []).entries()) {
      const at = [...path, 'compare', key, i];
      const problem = written.startsWith('$') ? jsonPathProblem(written) : textPatternProblem(written);
      if (problem !== null) issues.error(at, problem);
      else if (isLikeJsonPath(written))
        issues.warning(at, `"${written}" is a regex for texts: as a JSONPath it is "$.${written}"`);
    }
  }
}

function actsInItsStage({ shadow, stage, path, context: { issues } }: Written): void {
  if (!issues.isWhole(path)) return;
  if (stage === 'done') {
    issues.warning(path, '"shadow" does nothing in stage done: there may be nothing to compare with', 'key');
  } else if (stage === 'shadow' && shadow.stages !== undefined && !shadow.stages.includes('shadow')) {
    issues.warning([...path, 'stages'], '"stages" does not name the stage: nothing is copied', 'key');
  }
}
