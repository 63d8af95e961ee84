import type { FieldLines, Peer } from '../model/request.ts';
import { forwardedFields, type RequestHeadInput } from './request-head.ts';
import { serialiseFields } from './request-text.ts';

/** What the lines of a plain request come to, and what that rests on beside them. */
interface PlainLines {
  readonly peer: Peer;
  readonly backend: RequestHeadInput['decision']['backend'];
  readonly url: RequestHeadInput['url'];
  readonly bodyLength: number | null;
  readonly text: string;
}

/**
 * What the router says of a client that nobody trusts, up to Via, as lines. The same for all requests of a connection as
 * long as they name the same host, so they are kept with it.
 */
export class ForwardedLines {
  private readonly plain = new WeakMap<FieldLines, PlainLines>();
  private readonly kept = new WeakMap<Peer, { readonly host: string; readonly lines: string }>();

  of(peer: Peer, host: string): string {
    const known = this.kept.get(peer);
    if (known !== undefined && known.host === host) return known.lines;
    const lines = serialiseFields(forwardedFields(peer, host));
    this.kept.set(peer, { host, lines });
    return lines;
  }

  /** What these lines came to, if nothing is different now. */
  found(lines: FieldLines, { peer, decision, url, bodyLength }: RequestHeadInput): string | null {
    const known = this.plain.get(lines);
    if (known === undefined || known.peer !== peer || known.backend !== decision.backend) return null;
    return known.url === url && known.bodyLength === bodyLength ? known.text : null;
  }

  /** Keeps that for as long as the lines are. As one piece: V8 would copy its parts one by one for each request. */
  keep(lines: FieldLines, { peer, decision, url, bodyLength }: RequestHeadInput, text: string): void {
    const flat = Buffer.from(text, 'latin1').toString('latin1');
    this.plain.set(lines, { peer, backend: decision.backend, url, bodyLength, text: flat });
  }
}
