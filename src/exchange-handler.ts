import type { Logger } from 'pino';
import type { Copies } from './create-copies.ts';
import { decide } from './decide/decide.ts';
import { placeCookie } from './decide/place.ts';
import { planOf } from './decide/route-plan.ts';
import type { Forwarder } from './forward/forwarder.ts';
import { httpsLocation } from './forward/https-location.ts';
import { publicScheme } from './forward/public-origin.ts';
import type { ClientExchange, ExchangeHandler } from './model/exchange.ts';
import type { Failure } from './model/failure.ts';
import { firstValue, type HeaderList } from './model/header-list.ts';
import { isRefused } from './model/matched.ts';
import type { Observer } from './model/ports.ts';
import { requestIdFor } from './observe/request-id.ts';
import type { InForce, RoutesInForce } from './routes-in-force.ts';

/** The parts that a request goes through. */
export interface ExchangeParts {
  /** A table is in force before the first request comes. */
  readonly routes: RoutesInForce;
  readonly forwarder: Forwarder;
  readonly copies: Copies;
  readonly observer: Observer;
  readonly logger: Logger;
  /** Requests over plain HTTP are sent to https, at this port; null: they are served. */
  readonly redirectPort: number | null;
}

/** The way of a request, from what a front has read to `forward`: match, decide, or refuse. */
export function createExchangeHandler(parts: ExchangeParts): ExchangeHandler {
  const { routes, forwarder, copies, redirectPort } = parts;
  return (exchange) => {
    // The table is read here, once, so that a reload cannot split a request.
    const inForce = routes.current as InForce;
    const { trust, table } = inForce;
    const received = firstValue(exchange.head.headers, 'x-request-id');
    const requestId = requestIdFor(received, trust.contains(exchange.peer.address));
    if (redirectPort !== null && publicScheme(exchange, trust.contains(exchange.peer.address)) === 'http') {
      const refused = toHttps(exchange, redirectPort, inForce);
      refuse(exchange, { refused, requestId, parts });
      return;
    }
    const matched = inForce.matcher.match(exchange.traits);
    if (isRefused(matched)) {
      refuse(exchange, { refused: matched, requestId, parts });
      return;
    }
    const { decision, drawn } = decide(planOf(inForce.plans, matched.route), exchange, inForce);
    const setCookie = drawn === null ? null : cookieFor(drawn, exchange, inForce);
    const debug = table.debugHeaders;
    const plan = decision.kind === 'forward' ? decision.shadow : null;
    const served = plan ? copies.watch({ exchange, plan, matched, trust, requestId }) : exchange;
    forwarder.forward({ exchange: served, matched, decision, trust, requestId, debug, setCookie });
  };
}

/** Keeps a client at the place that was drawn for it. */
function cookieFor(place: number, exchange: ClientExchange, { trust }: InForce): string {
  const scheme = publicScheme(exchange, trust.contains(exchange.peer.address));
  return placeCookie(place, scheme === 'https');
}

/** A refusal with further fields for its answer. */
interface RefusedWith {
  readonly failure: Failure;
  readonly detail: string;
  readonly fields?: HeaderList;
}

/** Who asked over plain HTTP is told where to ask. Without a host there is no such place. */
function toHttps(exchange: ClientExchange, port: number, { trust }: InForce): RefusedWith {
  const location = httpsLocation(exchange, port, trust.contains(exchange.peer.address));
  if (location === null) return { failure: 'malformed_request', detail: 'no host to send it to' };
  return { failure: 'plain_http', detail: location, fields: ['Location', location] };
}

interface Refusal {
  readonly refused: RefusedWith;
  readonly requestId: string;
  readonly parts: ExchangeParts;
}

function refuse(exchange: ClientExchange, { refused, requestId, parts }: Refusal): void {
  const { head, peer, startedAt } = exchange;
  const userAgent = firstValue(head.headers, 'user-agent') ?? null;
  let bytesOut = 0;
  exchange.answer.onFinish = () =>
    parts.observer.rejected({
      failure: refused.failure,
      peer,
      method: head.method,
      target: head.target,
      requestId,
      startedAt,
      userAgent,
      bytesOut,
    });
  bytesOut = exchange.answer.fail(refused.failure, requestId, refused.fields);
  parts.logger.debug({ request_id: requestId, failure: refused.failure, detail: refused.detail }, 'refused');
}
