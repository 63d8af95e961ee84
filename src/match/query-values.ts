import { formDecoded } from '../model/form-text.ts';

/**
 * The parameters of a query, as forms write them (URL standard, application/x-www-form-urlencoded): names and values
 * with `+` as a space and triplets decoded, in latin1 bytes. A bad triplet stands for itself. Linear, and nothing of
 * it is ever sent.
 */
export function queryValues(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = formDecoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : formDecoded(pair.slice(equals + 1));
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  for (const [name, all] of values) {
    // The same value twice is one value.
    if (all.length > 1) values.set(name, [...new Set(all)]);
  }
  return values;
}
