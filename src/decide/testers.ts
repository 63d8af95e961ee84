import { bytesOf } from '../model/byte-text.ts';
import { cookieValues } from '../model/cookies.ts';
import { allValues, tokensOf } from '../model/header-list.ts';
import { preflightMethod } from '../model/preflight.ts';
import type { RequestTraits } from '../model/request.ts';
import type { Testers } from '../model/route-table.ts';

/** The testers of a feature in the bytes of requests. */
export function readyTesters({ cookies, headers }: Testers): Testers {
  return { cookies: cookies.map(inBytes), headers: headers.map(inBytes) };
}

/**
 * True if one of the cookies or headers is there with its value. A CORS preflight has the names of the headers to come
 * and no cookies: one that announces a tester's header goes where the request after it will.
 */
export function isTester({ cookies, headers }: Testers, traits: RequestTraits): boolean {
  if (preflightMethod(traits) !== undefined) {
    const announced = tokensOf(traits.headers, 'access-control-request-headers');
    return headers.some(([name]) => announced.includes(name));
  }
  return (
    headers.some(([name, value]) => isHeader(traits, name, value)) ||
    cookies.some(([name, value]) => cookieValues(traits.headers, name)[0] === value)
  );
}

function isHeader({ headers }: RequestTraits, name: string, value: string): boolean {
  const values = allValues(headers, name);
  return values.length > 0 && values.join(', ') === value;
}

function inBytes([name, value]: readonly [string, string]): readonly [name: string, value: string] {
  return [bytesOf(name), bytesOf(value)];
}
