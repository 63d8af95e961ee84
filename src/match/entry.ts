import type { RE2JS } from 're2js';
import type { Ranked } from '../model/precedence.ts';
import type { Route } from '../model/route-table.ts';
import type { RequestFields } from './request-fields.ts';
import { passes, type ReadyTest } from './value-test.ts';

/** One alternative of a route for one of its hosts, ready to be asked. */
export interface Entry extends Ranked {
  readonly route: Route;
  readonly tests: readonly ReadyTest[];
  /** The path's regular expression; null unless it is one. */
  readonly regex: RE2JS | null;
}

/** True if the method and the conditions on headers, cookies and query hold. */
export function conditionsHold(entry: Entry, fields: RequestFields): boolean {
  const { methods } = entry.match;
  if (methods.length > 0 && !methods.includes(fields.method)) return false;
  for (const test of entry.tests) if (!testHolds(test, fields)) return false;
  return true;
}

/** True if one condition holds. On a preflight, an announced header holds and cookies are ignored (docs/matching.md). */
export function testHolds(test: ReadyTest, fields: RequestFields): boolean {
  switch (test.source) {
    case 'header':
      if (fields.isPreflight && fields.announces(test.name)) return true;
      return passes(test, fields.header(test.name));
    case 'cookie':
      return fields.isPreflight || passes(test, fields.cookie(test.name));
    case 'query':
      return passes(test, fields.query(test.name));
  }
}

/** True if the path's regular expression, if it is one, takes this path; the literal head is asked first. */
export function regexHolds(entry: Entry, form: string): boolean {
  return entry.regex === null || (form.startsWith(entry.pattern.head) && entry.regex.test(form));
}
