import type { Refused } from '../model/matched.ts';
import type { Route } from '../model/route-table.ts';
import { findInHosts } from './host-index.ts';
import type { Matching } from './matching.ts';
import type { RequestFields } from './request-fields.ts';

/** What takes a request: a route, and which of its alternatives. */
export interface Picked {
  readonly route: Route;
  readonly alternative: number;
}

/** More readings of a query than this are not tried: it is refused. */
const MOST_READINGS = 64;

/**
 * The route of one form of the path. A query parameter that is repeated with different values is read as the first by
 * one backend, as the last by another; so wherever a condition asked for such a parameter, the route is found with
 * each of its values, and refused unless it is always the same (docs/matching.md). Several such parameters are tried
 * in all combinations.
 */
export function pick(matching: Matching, form: string): Picked | Refused {
  const { fields } = matching;
  fields.choices = null;
  const picked = pickOnce(matching, form);
  return fields.choices === null ? picked : pickWithEachValue(matching, form, picked);
}

function pickOnce({ table, index, traits, fields }: Matching, form: string): Picked {
  return findInHosts(index, traits.host, form, fields) ?? { route: table.defaultRoute, alternative: 0 };
}

function pickWithEachValue(matching: Matching, form: string, first: Picked): Picked | Refused {
  const choices = matching.fields.choices ?? new Map<string, number>();
  for (let tried = 0; tried < MOST_READINGS; tried += 1) {
    if (!nextChoice(choices, matching.fields)) return first;
    const other = pickOnce(matching, form);
    if (other.route !== first.route) return ambiguous(choices, first.route, other.route);
  }
  return ambiguous(choices, first.route, null);
}

/** Counts on: the last parameter's next value, or the one before it. Parameters found on the way join at the end. */
function nextChoice(choices: Map<string, number>, fields: RequestFields): boolean {
  for (const name of [...choices.keys()].reverse()) {
    const value = (choices.get(name) ?? 0) + 1;
    if (value < fields.countOf(name)) {
      choices.set(name, value);
      return true;
    }
    choices.set(name, 0);
  }
  return false;
}

function ambiguous(choices: ReadonlyMap<string, number>, first: Route, other: Route | null): Refused {
  const which = [...choices.keys()].map((name) => JSON.stringify(name)).join(', ');
  const picks = other === null ? 'has too many values' : `picks "${first.name}" or "${other.name}"`;
  return { failure: 'ambiguous_query', detail: `the repeated query parameter ${which} ${picks}` };
}
