import type { RequestTraits } from '../../src/model/request.ts';

/** What routing reads of a request, for tests: `traitsOf('/a?b=1', { headers: { 'x-app': 'ios' } })`. */
export function traitsOf(
  target: string,
  {
    method = 'GET',
    host = 'shop.test',
    headers = {},
  }: { method?: string; host?: string; headers?: Readonly<Record<string, string | readonly string[]>> } = {},
): RequestTraits {
  const mark = target.indexOf('?');
  return {
    method,
    host,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? null : target.slice(mark + 1),
    headers: Object.entries(headers).flatMap(([name, values]) =>
      [values].flat().flatMap((value) => [name, value]),
    ),
  };
}
