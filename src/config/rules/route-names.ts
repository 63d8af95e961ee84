import { reservedNameProblem } from '../names.ts';
import { type Rule, routesOf } from './rule.ts';

/** A route's name is a metric label and one line of LEGACY_ONLY, and there is one route of it. */
export const routeNamesAreUsable: Rule = ({ file, issues }) => {
  const lines = new Map<string, number>();
  for (const { route, path } of routesOf(file)) {
    const { name } = route;
    if (name === undefined) continue;
    const at = [...path, 'name'];
    const first = lines.get(name);
    const problem = reservedNameProblem(name) ?? formProblem(name);
    if (problem !== null) issues.error(at, problem);
    else if (first !== undefined)
      issues.error(at, `two routes have the name "${name}" (the first is on line ${first})`);
    else lines.set(name, issues.lineOf(at));
  }
};

function formProblem(name: string): string | null {
  if (name === '') return 'a name is not empty';
  if (name.length > 128) return 'a name has at most 128 characters';
  return /^[\x21\x22\x24-\x7E]+$/.test(name) ? null : `"${name}" is not a name: ASCII without spaces and "#"`;
}
