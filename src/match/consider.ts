import { textOf } from '../model/byte-text.ts';
import type { Consideration, Considered } from '../model/matched.ts';
import { formOf } from '../model/path-form.ts';
import { normalPathOf } from '../model/path-normal.ts';
import { comparePrecedence } from '../model/precedence.ts';
import type { RequestTraits } from '../model/request.ts';
import type { Match, RouteTable } from '../model/route-table.ts';
import { type Entry, regexHolds, testHolds } from './entry.ts';
import { RequestFields } from './request-fields.ts';
import type { ReadyTest } from './value-test.ts';

/**
 * The long way to a route, for people: every alternative in precedence order with the first condition that failed.
 * It asks the same conditions as the index, one by one; a test holds the two together.
 */

/** Larger tables list only alternatives whose host and path hold. */
const MOST_LISTED = 1_000;

/** All alternatives of a table. */
interface Listed {
  readonly table: RouteTable;
  readonly entries: readonly Entry[];
}

/** What was asked for a request whose path was not refused. */
export function consider({ table, entries }: Listed, traits: RequestTraits): Consideration {
  const form = formOf(normalPathOf(traits.path, table.paths.mergeSlashes), table.paths);
  // `OPTIONS *` is about no path: nothing is asked.
  const asked = traits.path === '*' ? [] : oneHostEach(entries, traits.host);
  const near = asked.length > MOST_LISTED ? asked.filter((entry) => isNear(entry, traits.host, form)) : asked;
  const fields = new RequestFields(traits);
  const considered: Considered[] = [];
  for (const entry of [...near].sort(comparePrecedence)) {
    const failed = firstFailed(entry, { traits, form, fields });
    considered.push({ route: entry.route, alternative: entry.alternative, failed });
    if (failed === null) break;
  }
  return { considered, leftOut: asked.length - near.length };
}

/** An alternative with several hosts is listed once: by the host that holds and ranks first, or by its first. */
function oneHostEach(entries: readonly Entry[], host: string): Entry[] {
  const chosen = new Map<Match, Entry>();
  for (const entry of entries) {
    const known = chosen.get(entry.match);
    if (known === undefined || isBetterHost(entry.host, known.host, host)) chosen.set(entry.match, entry);
  }
  return [...chosen.values()];
}

function isBetterHost(candidate: string, known: string, host: string): boolean {
  if (!hostHolds(candidate, host)) return false;
  return !hostHolds(known, host) || !candidate.startsWith('*.') || candidate.length > known.length;
}

function isNear(entry: Entry, host: string, form: string): boolean {
  return hostHolds(entry.host, host) && pathHolds(entry, form);
}

function hostHolds(pattern: string, host: string): boolean {
  if (pattern === '') return true;
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}

function pathHolds(entry: Entry, form: string): boolean {
  const { pattern } = entry;
  if (pattern.kind === 'regex') return regexHolds(entry, form);
  const given = form.slice(1).split('/');
  const wanted = pattern.segments;
  if (pattern.kind === 'path' ? given.length !== wanted.length : given.length < wanted.length) return false;
  return wanted.every((segment, i) => (segment === null ? given[i] !== '' : segment === given[i]));
}

interface Asked {
  readonly traits: RequestTraits;
  readonly form: string;
  readonly fields: RequestFields;
}

function firstFailed(entry: Entry, { traits, form, fields }: Asked): string | null {
  const { match } = entry;
  if (!hostHolds(entry.host, traits.host))
    return `host: wanted ${match.hosts.join(' or ')}, got ${traits.host === '' ? 'none' : traits.host}`;
  if (!pathHolds(entry, form)) return `path: ${pathInWords(match)}`;
  if (match.methods.length > 0 && !match.methods.includes(fields.method)) {
    const asks = fields.isPreflight ? 'a preflight for ' : '';
    return `method: wanted ${match.methods.join(' or ')}, got ${asks}${fields.method}`;
  }
  const test = entry.tests.find((one) => !testHolds(one, fields));
  return test === undefined ? null : testInWords(test, fields);
}

function pathInWords({ path }: Match): string {
  if (path.kind === 'regex') return `regex ${path.source}`;
  return path.kind === 'prefix' ? `prefix ${path.value}` : path.value;
}

function testInWords(test: ReadyTest, fields: RequestFields): string {
  const { source, written, name } = test;
  const got =
    source === 'header'
      ? fields.header(name)
      : source === 'cookie'
        ? fields.cookie(name)
        : fields.query(name);
  return `${source} ${written.name}: wanted ${wanted(test)}, got ${got === undefined ? 'none' : shown(textOf(got))}`;
}

function wanted({ written: { test } }: ReadyTest): string {
  switch (test.kind) {
    case 'exact':
      return shown(test.value);
    case 'prefix':
      return `${shown(test.value)} and more`;
    case 'regex':
      return `a match of ${test.source}`;
    case 'present':
      return 'any value';
  }
}

function shown(value: string): string {
  return JSON.stringify(value);
}
