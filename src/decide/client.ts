import type { Peer, RequestTraits } from '../model/request.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';

/** Of an exchange, what a decision may depend on. */
export interface Client {
  readonly traits: RequestTraits;
  readonly peer: Pick<Peer, 'address'>;
}

/** Of the table in force and of the process, what a decision may depend on. */
export interface Surroundings {
  readonly trust: TrustedProxies;
  /** 0 (included) to 1 (not included): places are drawn by it. */
  readonly random: () => number;
}
