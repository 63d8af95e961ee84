import { TOKEN } from '../http-words.ts';
import type { FeatureFile } from '../schema/feature-schema.ts';
import type { RouteFile } from '../schema/route-schema.ts';
import type { RoutesFile } from '../schema/routes-file-schema.ts';
import type { Path } from '../schema-check.ts';
import { featuresOf, type Rule, type RuleContext } from './rule.ts';

/** One feature as it is written, and where. */
interface Written {
  readonly feature: FeatureFile;
  readonly path: Path;
  readonly context: RuleContext;
  /** Methods that write, named by routes to it. */
  readonly unsafeMethods: ReadonlySet<string>;
}

const CHECKS: readonly ((written: Written) => void)[] = [
  stageNeedsBlock,
  keysHaveNames,
  keysCanCount,
  unsafeMethodsNeedKey,
  nothingWhenDone,
];

/** What the stage, the share and the keys of a canary need of each other. */
export const canaries: Rule = (context) => {
  const unsafe = unsafeMethodsByFeature(context.file);
  for (const [name, feature] of Object.entries(featuresOf(context.file))) {
    if (typeof feature === 'string') continue;
    const unsafeMethods = unsafe.get(name) ?? NONE;
    for (const check of CHECKS) check({ feature, path: ['features', name], context, unsafeMethods });
  }
};

function stageNeedsBlock({ feature, path, context: { issues } }: Written): void {
  if (feature.stage !== 'canary' || feature.canary !== undefined || !issues.isWhole(path)) return;
  issues.error([...path, 'stage'], '"stage: canary" needs a block "canary" with a "share", such as 10%');
}

function keysHaveNames({ feature, path, context: { issues } }: Written): void {
  for (const { word, at } of keysOf(feature, path)) {
    const [kind = '', name] = word.split(/:(.*)/s);
    if (name === undefined) continue;
    if (!TOKEN.test(name))
      issues.error(at, `"${name}" is not a ${kind === 'header' ? 'header' : "cookie's"} name`);
    else if (word === 'cookie:banyan')
      issues.error(at, '"banyan" is the router\'s own cookie: write "cookie" alone');
  }
}

/** An address is always there: what is asked for after it is never used; nor is what was asked for before. */
function keysCanCount({ feature, path, context: { issues } }: Written): void {
  const keys = keysOf(feature, path);
  for (const [i, { word, at }] of keys.entries()) {
    const before = keys.slice(0, i).map((key) => key.word);
    if (before.includes(word)) issues.warning(at, `"${word}" stands before it already`);
    else if (before.includes('ip'))
      issues.warning(at, `"${word}" is never used: "ip" before it is always there`);
  }
}

/**
 * Only GET and HEAD draw a place. A route that names other methods is mostly called by programs, which keep no cookies:
 * they would stay on legacy with all that they write. Routes that name no methods are taken to be pages.
 */
function unsafeMethodsNeedKey({ feature, path, context: { issues }, unsafeMethods }: Written): void {
  const share = feature.stage === 'canary' ? (feature.canary?.share ?? 0) : 0;
  const isByPlaceAlone = keysOf(feature, path).every(({ word }) => word === 'cookie');
  if (share === 0 || share === 100 || !isByPlaceAlone || unsafeMethods.size === 0) return;
  issues.warning(
    [...path, 'canary'],
    `${[...unsafeMethods].join(', ')} of clients without the router's cookie goes to legacy whatever the share: ` +
      'name a key of theirs in "by", such as header:NAME, cookie:NAME or ip',
    'key',
  );
}

function nothingWhenDone({ feature, path, context: { issues } }: Written): void {
  if (feature.stage !== 'done') return;
  for (const key of ['canary', 'testers'] as const) {
    if (feature[key] !== undefined)
      issues.warning(
        [...path, key],
        `"${key}" does nothing in stage done: the feature answers everybody`,
        'key',
      );
  }
}

function keysOf({ canary }: FeatureFile, path: Path): { readonly word: string; readonly at: Path }[] {
  const at = [...path, 'canary', 'by'];
  if (Array.isArray(canary?.by)) return canary.by.map((word, i) => ({ word, at: [...at, i] }));
  return canary?.by === undefined ? [] : [{ word: canary.by, at }];
}

/** In one pass: a file may have thousands of routes, and as many canaries. */
function unsafeMethodsByFeature(file: RoutesFile): Map<string, Set<string>> {
  const byFeature = new Map<string, Set<string>>();
  for (const route of file.routes ?? []) {
    if (route.to === undefined) continue;
    const methods = byFeature.get(route.to) ?? new Set();
    byFeature.set(route.to, methods);
    for (const method of unsafeMethodsOf(route)) methods.add(method);
  }
  return byFeature;
}

const NONE: ReadonlySet<string> = new Set();

function unsafeMethodsOf({ match }: RouteFile): readonly string[] {
  const named = [match?.methods ?? [], ...(match?.any ?? []).map(({ methods = [] }) => methods)];
  return named.flat().filter((method) => !SAFE.has(method));
}

/** RFC 9110 section 9.2.1. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
