import { isIP } from 'node:net';

/** Addresses by name in lower case, each name's in the order of the file (hosts(5)). */
export type Hosts = ReadonlyMap<string, readonly string[]>;

/** Reads a hosts file; lines that are none are left out, as every resolver does. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) add(hosts, name.toLowerCase(), address);
  }
  return hosts;
}

function add(hosts: Map<string, string[]>, name: string, address: string): void {
  const known = hosts.get(name);
  if (known === undefined) hosts.set(name, [address]);
  else if (!known.includes(address)) known.push(address);
}
