import type { ConditionsFile } from '../schema/route-schema.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

const FORMS = ['prefix', 'path', 'regex'] as const;

/** A match says the path in one form only, once: beside its alternatives or in them. */
export const onePath: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      const [first, second] = formsOf(conditions);
      if (second !== undefined) {
        issues.error(
          [...at, second],
          `"${first}" and "${second}" are both given: a match has one of "prefix", "path" and "regex"`,
          'key',
        );
      }
    }
  }
};

/** What is shared by alternatives is not said again by one of them. */
export const alternativesAddToShared: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    const { any = [], ...shared } = route.match ?? {};
    const sharedForm = formsOf(shared)[0];
    for (const [i, own] of any.entries()) {
      for (const key of clashes(shared, own)) {
        issues.error(
          [...path, 'match', 'any', i, ...key],
          `"${key.at(-1)}" is given beside "any" already, for all alternatives`,
          'key',
        );
      }
      const form = formsOf(own)[0];
      if (form !== undefined && sharedForm !== undefined) {
        issues.error(
          [...path, 'match', 'any', i, form],
          `"${sharedForm}" is given beside "any" already, for all alternatives`,
          'key',
        );
      }
    }
  }
};

function formsOf(conditions: ConditionsFile): (typeof FORMS)[number][] {
  return FORMS.filter((form) => conditions[form] !== undefined);
}

function clashes(shared: ConditionsFile, own: ConditionsFile): string[][] {
  const lists = (['hosts', 'methods'] as const).filter(
    (key) => shared[key] !== undefined && own[key] !== undefined,
  );
  const named = (['headers', 'query', 'cookies'] as const).flatMap((key) => {
    const nameOf = (name: string): string => (key === 'headers' ? name.toLowerCase() : name);
    const names = new Set(Object.keys(shared[key] ?? {}).map(nameOf));
    return Object.keys(own[key] ?? {}).flatMap((name) => (names.has(nameOf(name)) ? [[key, name]] : []));
  });
  return [...lists.map((key) => [key]), ...named];
}
