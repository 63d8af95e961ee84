import type { Endpoint } from '../model/ports.ts';
import type { BackendTimeouts } from '../model/route-table.ts';
import type { AttemptPlan } from './attempt.ts';
import { buildRequestHead } from './request-head.ts';
import type { RunInput } from './run-input.ts';

/** What of an attempt follows from the exchange and the endpoint alone: what is sent, and its time limits. */
export function planOf(
  input: RunInput,
  endpoint: Endpoint,
): Pick<AttemptPlan, 'request' | 'bodyLength' | 'upgrade' | 'timeouts'> {
  const { exchange, decision, matched, trust, requestId } = input;
  const { head, traits, peer, upgrade, expectsContinue, body } = exchange;
  const request = buildRequestHead({
    decision,
    matched,
    head,
    traits,
    peer,
    trust,
    requestId,
    upgrade,
    expectsContinue,
    bodyLength: body.length,
    url: endpoint,
  });
  return { request, bodyLength: body.length, upgrade: upgrade !== null, timeouts: timeoutsOf(input) };
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
