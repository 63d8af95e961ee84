import type { DidYouMean } from '../did-you-mean.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { OwnPlace } from '../own-places.ts';
import type { ConditionsFile, MatchFile, RouteFile } from '../schema/route-schema.ts';
import type { RoutesFile } from '../schema/routes-file-schema.ts';
import type { Path } from '../schema-check.ts';

/** What a rule looks at: the file, as far as it fits the schema, and where to say what is wrong. */
export interface RuleContext {
  readonly file: RoutesFile;
  readonly issues: IssueCollector;
  readonly didYouMean: DidYouMean;
  /** The text of the LEGACY_ONLY file; null when there is none. */
  readonly legacyOnlyFile: string | null;
  /** Where the router itself listens; nothing where none runs. */
  readonly own: readonly OwnPlace[];
}

/** One rule over the file: a small named function that reports every place where it is broken. */
export type Rule = (context: RuleContext) => void;

/** The features as they stand, an empty mapping for none. */
export function featuresOf(file: RoutesFile): NonNullable<RoutesFile['features']> {
  return file.features ?? {};
}

/** Routes with their paths. */
export function routesOf(file: RoutesFile): { readonly route: RouteFile; readonly path: Path }[] {
  return (file.routes ?? []).map((route, i) => ({ route, path: ['routes', i] }));
}

/** Every set of conditions of a route, the shared ones and each alternative, with their paths. */
export function conditionsOf(
  match: MatchFile | undefined,
  path: Path,
): { readonly conditions: ConditionsFile; readonly path: Path }[] {
  if (match === undefined) return [];
  const alternatives = (match.any ?? []).map((conditions, i) => ({
    conditions,
    path: [...path, 'match', 'any', i],
  }));
  return [{ conditions: match, path: [...path, 'match'] }, ...alternatives];
}
