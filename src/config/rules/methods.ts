import { distance } from 'fastest-levenshtein';
import type { IssueCollector } from '../issue-collector.ts';
import type { Path } from '../schema-check.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

const STANDARD = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);

/** Methods are written as they come (their case matters), and CONNECT is never routed. */
export const methodsAreRoutable: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      checkMethods(issues, conditions.methods, [...at, 'methods']);
    }
    checkMethods(issues, route.repeatable, [...path, 'repeatable']);
  }
  checkMethods(issues, file.default?.repeatable, ['default', 'repeatable']);
};

/** Reports what no request's method can be, or none that is routed. */
export function checkMethods(
  issues: IssueCollector,
  methods: readonly string[] | undefined,
  path: Path,
): void {
  for (const [i, method] of (methods ?? []).entries()) {
    const problem = wrongCase(method);
    if (method.toUpperCase() === 'CONNECT')
      issues.error([...path, i], 'CONNECT is not routed: it is answered 501');
    else if (problem !== null) issues.error([...path, i], problem);
    else {
      const meant = slipOf(method);
      if (meant !== null)
        issues.warning([...path, i], `no standard method is named "${method}" (did you mean "${meant}"?)`);
    }
  }
}

/** What is wrong with a standard method in lower case; null if that is not what it is. */
export function wrongCase(method: string): string | null {
  const upper = method.toUpperCase();
  const isWrong = method !== upper && STANDARD.has(upper);
  return isWrong ? `"${method}" is not ${upper}: the case of methods matters` : null;
}

/**
 * The standard method that one slip of the keyboard makes this of: a letter more, less or another, or two in each other's
 * place. No method that is in use elsewhere (WebDAV's, PURGE, LIST) is as near to one.
 */
function slipOf(method: string): string | null {
  if (STANDARD.has(method)) return null;
  const isSlip = (standard: string): boolean =>
    distance(method, standard) === 1 || lettersOf(method) === lettersOf(standard);
  return [...STANDARD].find(isSlip) ?? null;
}

function lettersOf(method: string): string {
  return [...method].sort().join('');
}
