import type { MatchResult } from '../model/matched.ts';
import { foldCase, formOf } from '../model/path-form.ts';
import { normalPathOf } from '../model/path-normal.ts';
import { isPlainPath } from '../model/path-plain.ts';
import { refusalOfPath, refusalOfQuery } from '../model/path-refusal.ts';
import type { RequestTraits } from '../model/request.ts';
import type { RouteTable } from '../model/route-table.ts';
import { findInHosts, type HostIndex } from './host-index.ts';
import { RequestFields } from './request-fields.ts';

/** A table and the index of its routes. */
export interface Indexed {
  readonly table: RouteTable;
  readonly index: HostIndex;
}

export function matchOnePath({ table, index }: Indexed, traits: RequestTraits): MatchResult {
  const refusal = traits.query === null ? null : refusalOfQuery(traits.query);
  if (refusal !== null) return { failure: 'malformed_request', detail: refusal };
  const fields = new RequestFields(traits);
  let normalPath = traits.path;
  let form: string;
  if (traits.path === '*') {
    return { route: table.defaultRoute, alternative: 0, path: '*', normalPath: '*' };
  }
  if (isPlainPath(traits.path)) {
    form = table.paths.caseSensitive ? traits.path : foldCase(traits.path);
  } else {
    const detail = refusalOfPath(traits.path);
    if (detail !== null) return { failure: 'malformed_request', detail };
    normalPath = normalPathOf(traits.path, table.paths.mergeSlashes);
    form = formOf(normalPath, table.paths);
  }
  const entry = findInHosts(index, traits.host, form, fields);
  return {
    route: entry?.route ?? table.defaultRoute,
    alternative: entry?.alternative ?? 0,
    path: normalPath,
    normalPath,
  };
}
