import type { Peer } from '../model/request.ts';
import { forwardedFields } from './request-head.ts';
import { serialiseFields } from './request-text.ts';

/**
 * What the router says of a client that nobody trusts, up to Via, as lines. The same for all requests of a connection as
 * long as they name the same host, so they are kept with it.
 */
export class ForwardedLines {
  private readonly kept = new WeakMap<Peer, { readonly host: string; readonly lines: string }>();

  of(peer: Peer, host: string): string {
    const known = this.kept.get(peer);
    if (known !== undefined && known.host === host) return known.lines;
    const lines = serialiseFields(forwardedFields(peer, host));
    this.kept.set(peer, { host, lines });
    return lines;
  }
}
