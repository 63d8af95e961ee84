import { allValues, type HeaderList } from './header-list.ts';

/**
 * The cookies of a request by name (RFC 6265 section 5.4: pairs parted by `;`). Of a repeated one the first counts,
 * since user agents put the longer path first.
 */
export function cookiesOf(headers: HeaderList): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const field of allValues(headers, 'cookie')) {
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? '' : pair.slice(0, equals).trim();
      if (name !== '' && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim());
    }
  }
  return cookies;
}

/** Every value of one cookie, in order: cheaper than {@link cookiesOf} where only one name counts. */
export function cookieValues(headers: HeaderList, name: string): string[] {
  const values: string[] = [];
  for (const field of allValues(headers, 'cookie')) {
    if (!field.includes(name)) continue;
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals >= 0 && pair.slice(0, equals).trim() === name) values.push(pair.slice(equals + 1).trim());
    }
  }
  return values;
}
