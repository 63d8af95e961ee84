import type { Purpose } from '../model/outcome.ts';
import type { Endpoint } from '../model/ports.ts';
import type { BackendTimeouts } from '../model/route-table.ts';
import type { SentRequest } from './backend/carrier.ts';
import type { ConnectionPool } from './backend/connection-pool.ts';
import type { ForwardedLines } from './forwarded-lines.ts';
import { plainRequestText } from './plain-request-text.ts';
import { buildRequestHead, headInputOf } from './request-head.ts';
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
  return {
    purpose: choice.purpose,
    endpoint: choice.endpoint,
    pool: choice.pool,
    method: exchange.head.method,
    fields: null,
    head: plainRequestText(made, forwarded) ?? serialiseHead(buildRequestHead(made)),
    bodyLength: exchange.body.length,
    upgrade: exchange.upgrade !== null,
    awaitsContinue: choice.awaitsContinue,
    fresh: choice.fresh,
    repeatable: choice.repeatable,
    timeouts: timeoutsOf(input),
  };
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
