import { allValues, type HeaderList } from './header-list.ts';

/** The value of the first cookie of this name (RFC 6265 section 5.4: pairs parted by `;`), or undefined. */
export function cookieValue(headers: HeaderList, name: string): string | undefined {
  for (const field of allValues(headers, 'cookie')) {
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals !== -1 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
    }
  }
  return undefined;
}
