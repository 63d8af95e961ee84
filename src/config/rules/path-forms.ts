import { DEFAULT_PATHS } from '../defaults.ts';
import { pathProblem } from '../path-form.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

/** Paths are written in the form in which requests meet them. */
export const pathForms: Rule = ({ file, issues }) => {
  const reading = { mergeSlashes: file.paths?.merge_slashes ?? DEFAULT_PATHS.mergeSlashes };
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      for (const key of ['prefix', 'path'] as const) {
        const written = conditions[key];
        const problem = written === undefined ? null : pathProblem(written, reading);
        if (problem !== null) issues.error([...at, key], problem);
      }
    }
  }
};
