import type { Matched, MatchResult, Refused } from '../model/matched.ts';
import { foldCase, formOf } from '../model/path-form.ts';
import { normalPathOf } from '../model/path-normal.ts';
import { isPlainPath } from '../model/path-plain.ts';
import { refusalOfPath, refusalOfQuery } from '../model/path-refusal.ts';
import type { RequestTraits } from '../model/request.ts';
import type { Indexed, Matching } from './matching.ts';
import { isSafeAsItCame, otherRoute } from './path-agreement.ts';
import { pick } from './pick.ts';
import { RequestFields } from './request-fields.ts';

/**
 * One path (docs/matching.md): what is matched is what is forwarded.
 *
 *   1. refused outright: bytes that may not be in a target
 *   2. plain path: N is the path itself and there is no other reading of it; done
 *   3. N picks the route
 *   4. sent: the client's own bytes if they pick that route however little of N a backend brings them to, else N
 *   5. another reading of the client's bytes, or of N, picks another route: refused, or N is sent
 */
export function matchOnePath({ table, index }: Indexed, traits: RequestTraits): MatchResult {
  const refusal = traits.query === null ? null : refusalOfQuery(traits.query);
  if (refusal !== null) return malformed(refusal);
  const { path } = traits;
  if (isPlainPath(path)) {
    const form = table.paths.caseSensitive ? path : foldCase(path);
    return pickFor({ table, index, traits, fields: new RequestFields(traits) }, form, path);
  }
  if (path === '*') return { route: table.defaultRoute, alternative: 0, path, normalPath: path };
  const wrong = refusalOfPath(path);
  if (wrong !== null) return malformed(wrong);
  return matchOddPath({ table, index, traits, fields: new RequestFields(traits) });
}

function matchOddPath(matching: Matching): MatchResult {
  const { table, traits } = matching;
  const normalPath = normalPathOf(traits.path, table.paths.mergeSlashes);
  const picked = pickFor(matching, formOf(normalPath, table.paths), normalPath);
  if ('failure' in picked) return picked;
  const sent = isSafeAsItCame(matching, picked) ? traits.path : normalPath;
  const other = otherRoute(matching, picked, sent);
  if (other === null) return sent === picked.path ? picked : { ...picked, path: sent };
  if (table.paths.ambiguous === 'forward') return picked;
  return { failure: 'ambiguous_path', detail: other };
}

function pickFor(matching: Matching, form: string, normalPath: string): Matched | Refused {
  const picked = pick(matching, form);
  if ('failure' in picked) return picked;
  return { route: picked.route, alternative: picked.alternative, path: normalPath, normalPath };
}

function malformed(detail: string): Refused {
  return { failure: 'malformed_request', detail };
}
