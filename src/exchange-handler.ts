import type { Logger } from 'pino';
import { decide } from './decide/decide.ts';
import { planOf } from './decide/route-plan.ts';
import type { Forwarder } from './forward/forwarder.ts';
import type { ClientExchange, ExchangeHandler } from './model/exchange.ts';
import { firstValue } from './model/header-list.ts';
import { isRefused, type Refused } from './model/matched.ts';
import type { Observer } from './model/ports.ts';
import { requestIdFor } from './observe/request-id.ts';
import type { InForce, RoutesInForce } from './routes-in-force.ts';

/** The parts that a request goes through. */
export interface ExchangeParts {
  /** A table is in force before the first request comes. */
  readonly routes: RoutesInForce;
  readonly forwarder: Forwarder;
  readonly observer: Observer;
  readonly logger: Logger;
}

/** The way of a request, from what a front has read to `forward`: match, decide, or refuse. */
export function createExchangeHandler(parts: ExchangeParts): ExchangeHandler {
  const { routes, forwarder } = parts;
  return (exchange) => {
    // The table is read here, once, so that a reload cannot split a request.
    const inForce = routes.current as InForce;
    const { trust, table } = inForce;
    const received = firstValue(exchange.head.headers, 'x-request-id');
    const requestId = requestIdFor(received, trust.contains(exchange.peer.address));
    const matched = inForce.matcher.match(exchange.traits);
    if (isRefused(matched)) {
      refuse(exchange, { refused: matched, requestId, parts });
      return;
    }
    const { decision } = decide(planOf(inForce.plans, matched.route), exchange, inForce);
    forwarder.forward({ exchange, matched, decision, trust, requestId, debug: table.debugHeaders });
  };
}

interface Refusal {
  readonly refused: Refused;
  readonly requestId: string;
  readonly parts: ExchangeParts;
}

function refuse(exchange: ClientExchange, { refused, requestId, parts }: Refusal): void {
  const { head, peer, startedAt } = exchange;
  const userAgent = firstValue(head.headers, 'user-agent') ?? null;
  exchange.answer.onFinish = () =>
    parts.observer.rejected({
      failure: refused.failure,
      peer,
      method: head.method,
      target: head.target,
      requestId,
      startedAt,
      userAgent,
    });
  exchange.answer.fail(refused.failure, requestId);
  parts.logger.debug({ request_id: requestId, failure: refused.failure, detail: refused.detail }, 'refused');
}
