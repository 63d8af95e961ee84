import { BlockList } from 'node:net';
import { firstValue } from '../model/header-list.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';

/**
 * Two hints, each given once, that `trust_proxies` should name a proxy in front of the router: a
 * peer that is not trusted says what scheme its client used, or nearly all requests come from one private address.
 * Without that key the backends see the proxy as the client, and https as http.
 */

/** Requests that are looked at before it is said that they share an address. */
const SAMPLE = 1_000;
const NEARLY_ALL = 0.99;

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, bits, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');

/** Where hints go, and who is trusted already. */
export interface TrustHintsOptions {
  readonly warn: (fields: object, message: string) => void;
  readonly isTrusted: (address: string) => boolean;
}

/** An observer that looks at exchanges as they end. */
export function createTrustHints(options: TrustHintsOptions): Pick<Observer, 'finished'> {
  return new TrustHints(options);
}

class TrustHints {
  private hasWarnedOfScheme = false;
  private hasJudgedAddresses = false;
  private seen = 0;
  private readonly byAddress = new Map<string, number>();
  private readonly options: TrustHintsOptions;

  constructor(options: TrustHintsOptions) {
    this.options = options;
  }

  finished(outcome: Outcome): void {
    if (!this.hasWarnedOfScheme) this.lookForScheme(outcome);
    if (!this.hasJudgedAddresses) this.countAddress(outcome.peer.address);
  }

  private lookForScheme({ peer, head }: Outcome): void {
    const scheme = firstValue(head.headers, 'x-forwarded-proto');
    if (scheme === undefined || this.options.isTrusted(peer.address)) return;
    this.hasWarnedOfScheme = true;
    this.options.warn(
      { peer: peer.address },
      'a peer that is not in trust_proxies sends X-Forwarded-Proto; it is replaced. If this is your own proxy, add its address to trust_proxies in routes.yaml',
    );
  }

  private countAddress(address: string): void {
    this.seen += 1;
    // A client more or less does not matter here, so the map need not know all of them.
    if (this.byAddress.size < 100 || this.byAddress.has(address)) {
      this.byAddress.set(address, (this.byAddress.get(address) ?? 0) + 1);
    }
    if (this.seen === SAMPLE) this.judgeAddresses();
  }

  private judgeAddresses(): void {
    this.hasJudgedAddresses = true;
    for (const [address, count] of this.byAddress) {
      if (count >= SAMPLE * NEARLY_ALL && isPrivate(address) && !this.options.isTrusted(address)) {
        this.options.warn(
          { peer: address },
          'nearly all requests come from one private address. If that is your own proxy, add it to trust_proxies in routes.yaml, or every client looks the same to the backends',
        );
      }
    }
    this.byAddress.clear();
  }
}

function isPrivate(address: string): boolean {
  return PRIVATE.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
