import type { Matched } from '../model/matched.ts';
import { formOf } from '../model/path-form.ts';
import { decodeUnreserved, type Tail, withTail } from '../model/path-normal.ts';
import { mayBeReadOtherwise, READINGS, REDECODINGS } from '../model/path-readings.ts';
import type { Route } from '../model/route-table.ts';
import type { Matching } from './matching.ts';
import { pick } from './pick.ts';
import { RequestFields } from './request-fields.ts';

/**
 * Do all the ways in which a backend may read a path lead to the same route? Only paths outside the fast lane come
 * here, and few of them have more than one or two readings. A path made to have hundreds runs out of its budget, and
 * counts as one that is read in two ways: the work stays linear in its length.
 */

/** Work one request may cause: characters written, with a constant for each route looked up. */
const LEAST_BUDGET = 32_768;
const BUDGET_PER_CHARACTER = 4;
const COST_OF_A_LOOKUP = 96;

/** What programs do, or leave undone, with slashes and dot segments; only what makes a difference to this path. */
function tailsOf(path: string): readonly Tail[] {
  if (!path.includes('/.')) return path.includes('//') ? MERGED_OR_NOT : AS_IT_IS;
  return path.includes('//') ? ALL_TAILS : RESOLVED_OR_NOT;
}

const AS_IT_IS: readonly Tail[] = [{ resolve: false, merge: 'never' }];
const MERGED_OR_NOT: readonly Tail[] = [{ resolve: false, merge: 'after' }, ...AS_IT_IS];
const RESOLVED_OR_NOT: readonly Tail[] = [{ resolve: true, merge: 'never' }, ...AS_IT_IS];
const ALL_TAILS: readonly Tail[] = [
  { resolve: true, merge: 'after' },
  { resolve: true, merge: 'before' },
  { resolve: true, merge: 'never' },
  ...MERGED_OR_NOT,
];

/**
 * True if the client's own bytes may be sent: they pick the same route however little of N a backend brings them to
 * (dots unresolved, slashes unmerged, nothing decoded).
 */
export function isSafeAsItCame(matching: Matching, picked: Matched): boolean {
  const { path } = matching.traits;
  if (path === picked.normalPath) return true;
  const agreement = new Agreement(matching, picked.route);
  const decoded = decodeUnreserved(path);
  if (decoded !== path && !agreement.holds(path, { name: '', tails: tailsOf(path), keepEncoded: true }))
    return false;
  return agreement.holds(decoded, { name: '', tails: tailsOf(decoded) });
}

/**
 * Another route that another reading picks (docs/matching.md), in words; null if there is none. The bytes that are
 * sent must lead to one route with whatever their reader does about dots and slashes; the bytes that came, if others
 * are sent, only as far as the rule says: each reading, and then the normal form.
 */
export function otherRoute(matching: Matching, picked: Matched, sent: string): string | null {
  const { path } = matching.traits;
  const { mergeSlashes } = matching.table.paths;
  // With slashes merged, N has nothing left that the readings' signs do not show.
  if (mergeSlashes && !mayBeReadOtherwise(path) && !mayBeReadOtherwise(sent)) return null;
  const agreement = new Agreement(matching, picked.route);
  // Bytes that came and differ from N were found safe in this; N with its slashes unmerged may not be.
  const isTidy =
    sent !== picked.normalPath || agreement.holds(sent, { name: 'slashes merged', tails: tailsOf(sent) });
  const holds = isTidy && basesOf(sent).every((base) => agreement.holdsForReadings(base, tailsOf));
  if (holds && sent !== path) {
    const normal: readonly Tail[] = [{ resolve: true, merge: mergeSlashes ? 'after' : 'never' }];
    agreement.holdsForReadings(path, () => normal);
  }
  return agreement.difference;
}

/**
 * What a reading may begin with: the path, or what is left of it when slashes and dots were dealt with. Apache httpd
 * resolves first, decodes `%2F` after that, and does not look for dot segments again.
 */
function basesOf(path: string): readonly string[] {
  const decoded = decodeUnreserved(path);
  return [...new Set([path, ...tailsOf(decoded).map((tail) => withTail(decoded, tail))])];
}

/** One reading of a path: what it is called, and what is left to be done to it. */
interface Read {
  readonly name: string;
  readonly tails: readonly Tail[];
  readonly keepEncoded?: boolean;
}

const ALL_READINGS = [...REDECODINGS, ...READINGS];

/** Compares the routes of readings with the route of N, up to the first that differs. */
class Agreement {
  /** Which reading picked which other route; null as long as all agree. */
  difference: string | null = null;
  private readonly seen = new Set<string>();
  private readonly route: Route;
  private matching: Matching;
  /** What the reading at hand has put before the request's own query. */
  private ahead = '';
  private budget: number;

  constructor(matching: Matching, route: Route) {
    this.matching = matching;
    this.route = route;
    this.budget = Math.max(LEAST_BUDGET, BUDGET_PER_CHARACTER * matching.traits.path.length);
  }

  /** True if a path picks the same route with all of the tails. Its unreserved triplets are decoded. */
  holds(path: string, { name, tails, keepEncoded = false }: Read): boolean {
    const { caseSensitive } = this.matching.table.paths;
    return tails.every((tail) =>
      this.picksTheSame(formOf(withTail(path, tail), { caseSensitive, keepEncoded }), name),
    );
  }

  /** Every reading of a path, alone and with those after it. */
  holdsForReadings(path: string, tails: (path: string) => readonly Tail[], from = 0, names = ''): boolean {
    for (let i = from; i < ALL_READINGS.length; i += 1) {
      const reading = ALL_READINGS[i];
      if (!reading?.applies(path)) continue;
      const read = reading.read(path);
      if (read === path) continue;
      const name = names === '' ? reading.name : `${names}, ${reading.name}`;
      const decoded = decodeUnreserved(read);
      const holds = this.withQuery(reading.query?.(path), () => {
        if (!this.holds(decoded, { name, tails: tails(decoded) })) return false;
        return this.holdsForReadings(read, tails, i + 1, name);
      });
      if (!holds) return false;
    }
    return true;
  }

  /** Has conditions on the query see this before what the request's own says. */
  private withQuery(ahead: string | undefined, judge: () => boolean): boolean {
    if (ahead === undefined) return judge();
    const { matching } = this;
    const { query } = matching.traits;
    const traits = { ...matching.traits, query: query === null ? ahead : `${ahead}&${query}` };
    this.matching = { ...matching, traits, fields: new RequestFields(traits) };
    this.ahead = `?${ahead}`;
    this.budget -= traits.query.length;
    const holds = judge();
    this.matching = matching;
    this.ahead = '';
    return holds;
  }

  private picksTheSame(form: string, name: string): boolean {
    this.budget -= form.length + COST_OF_A_LOOKUP;
    if (this.budget < 0) return this.differs('the path can be read in too many ways');
    // A form holds no question mark.
    const seen = form + this.ahead;
    if (this.seen.has(seen)) return true;
    this.seen.add(seen);
    const picked = pick(this.matching, form);
    if (!('failure' in picked) && picked.route === this.route) return true;
    const other = 'failure' in picked ? picked.detail : `picks "${picked.route.name}"`;
    return this.differs(`${name}: ${other}, where the path in normal form picks "${this.route.name}"`);
  }

  private differs(detail: string): false {
    this.difference = detail;
    return false;
  }
}
