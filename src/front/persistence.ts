import { firstValue, tokensOf } from '../model/header-list.ts';
import type { RequestHead } from '../model/request.ts';

/** Whether another request may follow: the client wants the connection kept (RFC 9112 section 9.3), and it can be read. */
export function mayFollow(head: RequestHead): boolean {
  const options = tokensOf(head.headers, 'connection');
  if (options.includes('close')) return false;
  // An offer that node:http was told not to take up: what it has read behind it is lost.
  if (options.includes('upgrade') && firstValue(head.headers, 'upgrade') !== undefined) return false;
  return head.minorVersion === 1 || options.includes('keep-alive');
}
