import { type HeaderList, tokensOf } from '../../model/header-list.ts';

/**
 * What is wrong with a 101; null: nothing. A server must not switch to a protocol that the client did not indicate (RFC
 * 9110 section 7.8): bytes that only one end takes for that protocol could be anything to the other.
 *
 * @param offer The field Upgrade of the request; null: it had none.
 */
export function faultOfSwitch(answer: HeaderList, offer: string | null): string | null {
  if (offer === null) return '101 that was not asked for';
  const offered = offer.toLowerCase().split(/[ \t]*,[ \t]*/);
  const isOffered = tokensOf(answer, 'upgrade').some((protocol) => offered.includes(protocol));
  return isOffered ? null : '101 for a protocol that was not offered';
}
