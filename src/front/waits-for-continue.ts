import { tokensOf } from '../model/header-list.ts';
import type { Admitted } from './admit.ts';

/**
 * Whether the client waits for a 100 before it sends its body (RFC 9110 section 10.1.1). In HTTP/1.0, and without a
 * body, the wish is ignored. Other expectations are the backend's to judge.
 */
export function waitsForContinue({ head, bodyLength }: Admitted): boolean {
  if (bodyLength === 0 || head.minorVersion === 0) return false;
  return tokensOf(head.headers, 'expect').includes('100-continue');
}
