import { regexProblem } from '../regex-form.ts';
import type { ConditionsFile } from '../schema/route-schema.ts';
import type { Path } from '../schema-check.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

/** Every regex compiles. */
export const regexesCompile: Rule = ({ file, issues }) => {
  const known = new Map<string, string | null>();
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      for (const [source, place] of regexesOf(conditions, at)) {
        if (!known.has(source)) known.set(source, regexProblem(source));
        const problem = known.get(source) ?? null;
        if (problem !== null) issues.error(place, problem);
      }
    }
  }
};

function regexesOf(conditions: ConditionsFile, at: Path): [source: string, place: Path][] {
  const ofPath: [string, Path][] =
    conditions.regex === undefined ? [] : [[conditions.regex, [...at, 'regex']]];
  const ofTests = (['headers', 'query', 'cookies'] as const).flatMap((key) =>
    Object.entries(conditions[key] ?? {}).flatMap(([name, test]): [string, Path][] =>
      typeof test === 'string' || test.regex === undefined ? [] : [[test.regex, [...at, key, name, 'regex']]],
    ),
  );
  return [...ofPath, ...ofTests];
}
