import type { RequestTraits } from '../model/request.ts';
import type { RouteTable } from '../model/route-table.ts';
import type { HostIndex } from './host-index.ts';
import type { RequestFields } from './request-fields.ts';

/** A table and the index of its routes. */
export interface Indexed {
  readonly table: RouteTable;
  readonly index: HostIndex;
}

/** One request and what it is matched against. */
export interface Matching extends Indexed {
  readonly traits: RequestTraits;
  readonly fields: RequestFields;
}
