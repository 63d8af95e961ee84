import { isIPv4, isIPv6 } from 'node:net';
import { formatAddress, type ListenAddress } from '../model/listen-address.ts';
import type { BackendUrl } from '../model/route-table.ts';

/**
 * Where this router itself can be reached: a backend there would send every request round in a circle. What is known
 * before any name is asked for: addresses, `localhost` and the machine's own name, which in a container is the
 * container's. Another name that leads back is only found when a request has come round (508, `loop`).
 */
export interface OwnPlace {
  /** What it was told by, for messages: `--listen 0.0.0.0:8080`. */
  readonly setting: string;
  readonly port: number;
  /** Names in lower case, and addresses without brackets. */
  readonly hosts: readonly string[];
  /** All of 127.0.0.0/8 is taken. */
  readonly takesLoopback: boolean;
}

/** The machine that it runs on. */
export interface OwnMachine {
  readonly name: string;
  readonly addresses: readonly string[];
}

const WILDCARDS = ['0.0.0.0', '::'];
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** The places of listeners, by their flag. One on port 0, which is not known yet, has none; nor has null. */
export function ownPlaces(
  listeners: Readonly<Record<string, ListenAddress | null>>,
  machine: OwnMachine,
): readonly OwnPlace[] {
  return Object.entries(listeners).flatMap(([flag, address]) =>
    address === null || address.port === 0 ? [] : [placeOf(flag, address, machine)],
  );
}

function placeOf(flag: string, { host, port }: ListenAddress, machine: OwnMachine): OwnPlace {
  const setting = `--${flag} ${formatAddress(host, port)}`;
  const { name, addresses } = machine;
  if (WILDCARDS.includes(host)) {
    const hosts = [...WILDCARDS, ...LOOPBACK_NAMES, name.toLowerCase(), ...addresses];
    return { setting, port, hosts, takesLoopback: true };
  }
  if (LOOPBACK_NAMES.includes(host)) return { setting, port, hosts: LOOPBACK_NAMES, takesLoopback: false };
  const isNamed = !isIPv4(host) && !isIPv6(host);
  const hosts = isNamed || addresses.includes(host) ? [host, name.toLowerCase()] : [host];
  return { setting, port, hosts, takesLoopback: false };
}

/** The place that a backend's url leads to; undefined: none of our own. */
export function ownPlaceOf(url: BackendUrl, places: readonly OwnPlace[]): OwnPlace | undefined {
  return places.find(
    ({ port, hosts, takesLoopback }) =>
      port === url.port && (hosts.includes(url.host) || (takesLoopback && /^127\.[\d.]+$/.test(url.host))),
  );
}
