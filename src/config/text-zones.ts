/**
 * Where scalars stay the text that was written: values of headers, query and cookies (`007` stays `007`). A walk down
 * the file passes from zone to zone by the keys that it meets.
 */
export type Zone = 'root' | 'plain' | 'routes' | 'features' | 'feature' | 'text';

const TEXT_KEYS = new Set(['headers', 'query', 'cookies', 'set', 'add']);

/** In what zone the value of a key is read: under these keys of a route, and of testers, scalars stay text. */
export function zoneBelow(zone: Zone, key: string): Zone {
  switch (zone) {
    case 'root':
      return key === 'routes' || key === 'default' ? 'routes' : key === 'features' ? 'features' : 'plain';
    case 'features':
      return 'feature';
    case 'feature':
      return key === 'testers' ? 'routes' : 'plain';
    case 'routes':
      return TEXT_KEYS.has(key) ? 'text' : 'routes';
    case 'text':
      return key === 'present' ? 'plain' : 'text';
    default:
      return 'plain';
  }
}
