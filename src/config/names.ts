import { DEFAULT_ROUTE } from '../model/route-table.ts';

/** Words that stand for something else on metrics' labels, or that plain objects have already. */
const RESERVED = new Set<string>(['legacy', 'none', 'redirect', 'respond', DEFAULT_ROUTE]);

/** Why no feature or route may have this name; null if one may. */
export function reservedNameProblem(name: string): string | null {
  if (RESERVED.has(name) || name in {}) return `"${name}" cannot be a name: Banyan uses it itself`;
  return null;
}
