/**
 * Names of fields as they are counted: a JSONPath that covers all like it, `$.items[*].price`. Indices, and keys that
 * look like ids, are `[*]`: a thousand answers must not make a thousand fields, and a key may be a person's address.
 */

const LONG_PATH = 120;
const LONGEST_KEY = 64;
const MOST_FIELDS = 150;
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Numbers, UUIDs, hexadecimal ids, dates, addresses, tokens. */
const ID_KEY = /^\d|^[0-9a-f]{8}-[0-9a-f]{4}-|^[0-9a-f]{16,}$|^(?=.*\d)[\w+/=.-]{32,}$|@|[\p{Cc}\p{Cf}]/iu;

/** The document itself. */
export const ROOT = '$';

/** The field of a list's entries. */
export function entriesOf(list: string): string {
  return longer(list, '[*]');
}

/** The field of a mapping's key; `keys`: how many it has. A mapping of very many is a list with names for its entries. */
export function keyOf(mapping: string, key: string, keys: number): string {
  if (keys > MOST_FIELDS || key === '' || key.length > LONGEST_KEY || ID_KEY.test(key))
    return entriesOf(mapping);
  return longer(mapping, PLAIN_KEY.test(key) ? `.${key}` : `['${key.replace(/['\\]/g, '\\$&')}']`);
}

/** What lies deeper is counted with what holds it: the name stays a path. */
function longer(path: string, step: string): string {
  return path.length > LONG_PATH ? path : path + step;
}
