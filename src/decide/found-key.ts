import { cookieValues } from '../model/cookies.ts';
import { allValues } from '../model/header-list.ts';
import type { ClientKey } from '../model/route-table.ts';
import { addressKey } from './address-key.ts';
import { bucketOfValue } from './bucket.ts';
import type { Client, Surroundings } from './client.ts';
import { placeOf } from './place.ts';

/** What tells a client apart, and where that puts it. */
export interface FoundKey {
  readonly key: ClientKey;
  /** Its place; null where the key is none. */
  readonly place: number | null;
  readonly bucket: number;
}

/** A canary made ready: its keys, and what brings them to buckets. */
export interface ReadyKeys {
  readonly by: readonly ClientKey[];
  readonly seed: number;
  /** Of each place. Made when it is asked for first. */
  readonly buckets: Uint16Array;
}

/** The first key that a request has; null if it has none. What is empty tells nobody apart, and counts as absent. */
export function findKey(keys: ReadyKeys, client: Client, surroundings: Surroundings): FoundKey | null {
  for (const key of keys.by) {
    if (key.kind === 'place') {
      const place = placeOf(client.traits.headers);
      if (place !== null) return { key, place, bucket: keys.buckets[place] as number };
    } else {
      const value = valueOfKey(key, client, surroundings);
      if (value !== '') return { key, place: null, bucket: bucketOfValue(keys.seed, value) };
    }
  }
  return null;
}

type ValueKey = Exclude<ClientKey, { kind: 'place' }>;

/** Repeated fields joined, of a repeated cookie the first: as conditions read them (docs/matching.md). */
function valueOfKey(key: ValueKey, { traits, peer }: Client, { trust }: Surroundings): string {
  switch (key.kind) {
    case 'header':
      return allValues(traits.headers, key.name).join(', ');
    case 'cookie':
      return cookieValues(traits.headers, key.name)[0] ?? '';
    case 'ip':
      return addressKey(trust.clientAddress(peer.address, traits.headers));
  }
}
