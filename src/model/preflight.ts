import { firstValue } from './header-list.ts';
import type { RequestTraits } from './request.ts';

/**
 * The method that a CORS preflight asks about; undefined if the request is none. Fetch standard, CORS-preflight
 * request: OPTIONS with Origin and Access-Control-Request-Method.
 */
export function preflightMethod({ method, headers }: RequestTraits): string | undefined {
  if (method !== 'OPTIONS') return undefined;
  const asked = firstValue(headers, 'access-control-request-method');
  return asked !== undefined && firstValue(headers, 'origin') !== undefined ? asked : undefined;
}
