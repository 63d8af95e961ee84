import { drawCopy } from './decide/draw-copy.ts';
import { Pools } from './forward/backend/pools.ts';
import { Forwarder } from './forward/forwarder.ts';
import type { FailedAttempt } from './forward/forwarder-deps.ts';
import type { ForwardDecision, ShadowPlan } from './model/decision.ts';
import type { ClientExchange } from './model/exchange.ts';
import type { HeldBytes } from './model/held-bytes.ts';
import type { Matched } from './model/matched.ts';
import type { AttemptResult } from './model/outcome.ts';
import type { Capacity, Endpoints, Observer } from './model/ports.ts';
import type { ShadowJudge, ShadowObserver } from './model/shadow.ts';
import type { TrustedProxies } from './model/trusted-proxies.ts';
import { Shadows } from './shadow/shadows.ts';

/** What copies need of the rest. */
export interface CopiesDeps {
  /** The endpoints as copies see them: what becomes of a copy is no news about one. */
  readonly endpoints: Endpoints;
  readonly judge: ShadowJudge;
  readonly observer: Pick<Observer, 'attempted'> & Pick<ShadowObserver, 'shadowed'>;
  /** What everyone holds together, copies among them. */
  readonly memory: HeldBytes;
  /** Bytes that copies may hold of it. */
  readonly maxHeld: number;
  readonly onFailedAttempt: (attempt: FailedAttempt) => void;
  readonly onFault: (error: unknown) => void;
}

/** A request that its decision may have copied. */
export interface MaybeCopied {
  readonly exchange: ClientExchange;
  readonly plan: ShadowPlan;
  readonly matched: Matched;
  readonly trust: TrustedProxies;
  readonly requestId: string;
}

/** Copies of what is served (docs/shadow.md). */
export interface Copies {
  /** The exchange to serve in this one's place: the same, watched for its copy, or just it. */
  watch(request: MaybeCopied): ClientExchange;
  /** Gives up those under way; makes no more. */
  close(): void;
}

/**
 * Copies go the way of every exchange, but apart from those that are served: over a forwarder with connections of its own,
 * without a part in `max_in_flight`, told to nobody but the metrics of attempts. Nothing of it is there before the first.
 */
export function createCopies(deps: CopiesDeps): Copies {
  const now = (): number => performance.now();
  const shadows = new Shadows({ ...deps, now, wallClock: Date.now });
  let lane: { readonly forwarder: Forwarder; readonly pools: Pools } | null = null;
  const open = (): { readonly forwarder: Forwarder; readonly pools: Pools } => {
    const pools = new Pools();
    return { pools, forwarder: forwarderApart(deps, pools, now) };
  };
  return {
    watch({ exchange, plan, ...request }) {
      const drawn = drawCopy(plan, exchange, Math.random);
      if (drawn === null) return exchange;
      if (drawn.skipped !== null) {
        shadows.skipped(plan, drawn.skipped);
        return exchange;
      }
      const send = (copy: ClientExchange, decision: ForwardDecision): void => {
        lane ??= open();
        lane.forwarder.forward({ exchange: copy, decision, ...request, debug: false, setCookie: null });
      };
      const { requestId } = request;
      return shadows.watch(exchange, { plan, asksAgain: drawn.asksAgain, requestId, send });
    },
    close() {
      shadows.close();
      lane?.forwarder.abortAll();
      lane?.pools.close();
    },
  };
}

/** Who waits for a place would be a client; copies are limited where they are made. */
const NO_LIMIT: Capacity = {
  acquire(_, enter) {
    enter(true);
    return () => {};
  },
};

/** The client of a copy is the router, which leaves when its time is over. */
function ofCopy(attempt: AttemptResult): AttemptResult {
  return attempt.result === 'client_closed' ? { ...attempt, result: 'deadline' } : attempt;
}

function forwarderApart(deps: CopiesDeps, pools: Pools, now: () => number): Forwarder {
  return new Forwarder({
    endpoints: deps.endpoints,
    capacity: NO_LIMIT,
    observer: {
      tableChanged: () => {},
      started: () => {},
      upgraded: () => {},
      finished: () => {},
      rejected: () => {},
      attempted: (attempt) => deps.observer.attempted(ofCopy(attempt)),
    },
    pools,
    now,
    wallClock: Date.now,
    onFailedAttempt: deps.onFailedAttempt,
  });
}
