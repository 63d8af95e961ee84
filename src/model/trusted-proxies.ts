import { BlockList, isIP } from 'node:net';
import { allValues, type HeaderList } from './header-list.ts';

/** The peers whose X-Forwarded-* and request id are believed: `trust_proxies`, compiled once per table. */
export class TrustedProxies {
  private readonly blocks = new BlockList();
  private readonly isEmpty: boolean;

  /** @param cidrs Valid CIDR blocks or addresses, as the configuration's check let them through. */
  constructor(cidrs: readonly string[]) {
    this.isEmpty = cidrs.length === 0;
    for (const cidr of cidrs) {
      const [address = '', bits] = cidr.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.blocks.addAddress(address, family);
      else this.blocks.addSubnet(address, Number(bits), family);
    }
  }

  contains(address: string): boolean {
    if (this.isEmpty) return false;
    const family = isIP(address);
    return family !== 0 && this.blocks.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }

  /**
   * The client behind the trusted proxies: X-Forwarded-For read from the right, up to the first address that is not
   * trusted. The socket's own address when that is not trusted, or the field says nothing usable.
   */
  clientAddress(peerAddress: string, headers: HeaderList): string {
    if (!this.contains(peerAddress)) return peerAddress;
    let client = peerAddress;
    const hops = allValues(headers, 'x-forwarded-for').join(',').split(',');
    for (const hop of hops.reverse()) {
      const address = bareAddress(hop.trim());
      if (isIP(address) === 0) break;
      client = address;
      if (!this.contains(address)) break;
    }
    return client;
  }
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` and `[2001:db8::1]` without port and brackets. */
function bareAddress(hop: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(hop);
  if (bracketed !== null) return bracketed[1] as string;
  const withPort = /^([0-9.]+):\d+$/.exec(hop);
  return withPort === null ? hop : (withPort[1] as string);
}
