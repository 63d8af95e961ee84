import type { HeaderList } from '../model/header-list.ts';
import type { Purpose } from '../model/outcome.ts';
import type { Endpoint } from '../model/ports.ts';
import type { BackendTimeouts } from '../model/route-table.ts';
import type { SentRequest } from './backend/carrier.ts';
import type { ConnectionPool } from './backend/connection-pool.ts';
import type { ForwardedLines } from './forwarded-lines.ts';
import { requestFields } from './http2/request-fields.ts';
import { plainRequestText } from './plain-request-text.ts';
import { buildRequestHead, headInputOf, type RequestHeadInput } from './request-head.ts';
import { serialiseHead } from './request-text.ts';
import type { RunInput } from './run-input.ts';

/** What is to be sent, where, over which pool, within which time limits (ms, 0: none). */
export interface AttemptPlan extends SentRequest {
  readonly purpose: Purpose;
  readonly endpoint: Endpoint;
  readonly pool: ConnectionPool;
  /** The client waits for 100 and has not got it yet. */
  readonly awaitsContinue: boolean;
  readonly fresh: boolean;
  readonly repeatable: boolean;
  readonly timeouts: BackendTimeouts;
}

/** What an attempt is for, and where it goes. */
export type AttemptChoice = Pick<
  AttemptPlan,
  'purpose' | 'endpoint' | 'pool' | 'awaitsContinue' | 'fresh' | 'repeatable'
>;

/** The plan of an attempt of this exchange. Written out, since a spread cost as much as the head. */
export function planOf(input: RunInput, choice: AttemptChoice, forwarded: ForwardedLines): AttemptPlan {
  const { exchange } = input;
  const made = headInputOf(input, choice.endpoint);
  const { http2 } = input.decision.backend;
  return {
    purpose: choice.purpose,
    endpoint: choice.endpoint,
    pool: choice.pool,
    method: exchange.head.method,
    fields: http2 ? fieldsOf(made) : null,
    head: http2 ? '' : (plainRequestText(made, forwarded) ?? serialiseHead(buildRequestHead(made))),
    bodyLength: exchange.body.length,
    upgrade: !http2 && exchange.upgrade !== null,
    awaitsContinue: choice.awaitsContinue,
    fresh: choice.fresh,
    repeatable: choice.repeatable,
    timeouts: timeoutsOf(input),
  };
}

/** An upgrade is of HTTP/1.1 alone: over HTTP/2 it is a plain request, as one that the backend does not take. */
function fieldsOf(made: RequestHeadInput): HeaderList {
  const { headers: client } = made.head;
  return requestFields(buildRequestHead({ ...made, upgrade: null }), { secure: made.url.secure, client });
}

/** The backend's own, unless the route says otherwise, which it does for the feature side alone. */
function timeoutsOf({ decision }: RunInput): BackendTimeouts {
  const { backend, route, side } = decision;
  if (side === 'legacy') return backend.timeouts;
  const own = route.policy.timeouts;
  return {
    connectMs: own.connectMs ?? backend.timeouts.connectMs,
    responseMs: own.responseMs ?? backend.timeouts.responseMs,
    idleMs: own.idleMs ?? backend.timeouts.idleMs,
  };
}
