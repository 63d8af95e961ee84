import { Counter, type Registry } from 'prom-client';
import { PROTOCOLS, type Protocol, protocolOf, type RequestHead } from '../model/request.ts';

/** Exchanges by what their clients spoke: plain numbers, since one is counted for each request. */
export class ProtocolCounts {
  readonly #counts = new Map<Protocol, number>(PROTOCOLS.map((protocol) => [protocol, 0]));

  constructor(registry: Registry) {
    const counts = this.#counts;
    new Counter({
      name: 'banyan_requests_by_protocol_total',
      help: 'Requests by what the client spoke.',
      labelNames: ['protocol'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [protocol, count] of counts) this.inc({ protocol }, count);
      },
    });
  }

  count(head: RequestHead): void {
    const protocol = protocolOf(head);
    this.#counts.set(protocol, (this.#counts.get(protocol) as number) + 1);
  }
}
