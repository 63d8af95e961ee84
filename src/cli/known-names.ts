import { DidYouMean } from '../config/did-you-mean.ts';
import type { RouteTable } from '../model/route-table.ts';

/** Why a name is no feature of the table, with the one that was meant; null if it is one. */
export function featureProblem(table: RouteTable, name: string): string | null {
  if (Object.hasOwn(table.features, name)) return null;
  const route = table.routes.find((candidate) => candidate.name === name);
  if (route?.action.kind === 'to' && route.action.feature !== null)
    return `"${name}" is a route: stages are its feature's, "${route.action.feature}"`;
  return noFeature(table, name);
}

/** That there is no such feature, and which one may have been meant. */
export function noFeature(table: RouteTable, name: string): string {
  const known = Object.keys(table.features);
  const rest = known.length === 0 ? ': the file has none' : new DidYouMean().hint(name, known);
  return `no feature is named "${name}"${rest}`;
}

/** That there is no feature or route of that name, and which one may have been meant. */
export function noName(name: string, known: Iterable<string>): string {
  return `no feature or route is named "${name}"${new DidYouMean().hint(name, known)}`;
}

/** The names of all features and routes. */
export function namesOf(table: RouteTable): string[] {
  return [...Object.keys(table.features), ...table.routes.map(({ name }) => name)];
}
