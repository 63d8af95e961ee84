import { firstValue, tokensOf } from '../model/header-list.ts';
import { keepsConnection } from '../model/message-framing.ts';
import type { RequestHead } from '../model/request.ts';

/** Whether another request may follow: the client wants the connection kept, and it can be read. */
export function mayFollow(head: RequestHead): boolean {
  return keepsConnection(head) && !isOffer(head);
}

/** An offer that node:http was told not to take up: what it has read behind it is lost. */
function isOffer({ headers }: RequestHead): boolean {
  return tokensOf(headers, 'connection').includes('upgrade') && firstValue(headers, 'upgrade') !== undefined;
}
