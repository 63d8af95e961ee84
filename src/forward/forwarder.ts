import type { Decision, ForwardDecision } from '../model/decision.ts';
import type { ClientExchange } from '../model/exchange.ts';
import { type Failure, statusOf } from '../model/failure.ts';
import type { OpenExchanges } from '../model/feature-use.ts';
import type { Matched } from '../model/matched.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Backend } from '../model/route-table.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';
import { ExchangeRun } from './exchange-run.ts';
import { FallbackPlaces } from './fallback-places.ts';
import { ForwardedLines } from './forwarded-lines.ts';
import type { ForwarderDeps, RunDeps } from './forwarder-deps.ts';
import { HoldLine } from './hold-line.ts';
import { buildLocalAnswer, sendLocalAnswer } from './local-answer.ts';
import { ResendBudget } from './resend-budget.ts';
import type { RunInput, RunListener } from './run-input.ts';
import { RunList } from './run-list.ts';
import { TimeLimits } from './time-limits.ts';

/** One request that is to be answered. */
export interface ForwardInput {
  readonly exchange: ClientExchange;
  readonly matched: Matched;
  readonly decision: Decision;
  readonly trust: TrustedProxies;
  readonly requestId: string;
  readonly debug: boolean;
  /** A Set-Cookie of the router's own, for answers that no shared cache may keep; null for none. */
  readonly setCookie: string | null;
}

/** Runs exchanges, and knows which are under way. */
export class Forwarder {
  private readonly runs = new RunList<ExchangeRun>();
  /** A reload that changes a backend starts its budget anew. */
  private readonly budgets = new WeakMap<Backend, ResendBudget>();
  /** By the backend's name, as endpoints have it. Who waits as a reload changes the backend goes on in its old line. */
  private readonly lines = new Map<string, { readonly backend: Backend; readonly line: HoldLine }>();
  private readonly deps: RunDeps;
  /** The goodbyes were said: a WebSocket whose handshake ends only now gets its own at once. */
  private isLeaving = false;
  private readonly listener: RunListener<ExchangeRun> = {
    upgraded: (run) => {
      if (this.isLeaving) run.sayGoodbye();
    },
    over: (run) => this.runs.delete(run),
  };

  constructor(deps: ForwarderDeps) {
    this.deps = {
      ...deps,
      limits: new TimeLimits(deps.now),
      forwarded: new ForwardedLines(),
      fallbackPlaces: new FallbackPlaces(),
      waysOf: (backend) => ({ budget: this.budgetOf(backend), line: this.lineOf(backend) }),
    };
    deps.pools.onConnected = (endpoint) => this.lines.get(endpoint.backend)?.line.connected();
  }

  /** Answers one request; every end of it is told to the observer. */
  forward(input: ForwardInput): void {
    this.deps.observer.started(input.decision);
    if (input.decision.kind === 'local') {
      this.answerLocally(input);
      return;
    }
    const { exchange, matched, decision, trust, requestId, debug, setCookie } = input;
    const { backend } = decision;
    const runInput: RunInput = {
      // Field by field: objects made by a spread are of many shapes, and each look at one cost 0.5 µs.
      exchange,
      matched,
      decision,
      trust,
      requestId,
      debug,
      setCookie,
      time: this.deps.wallClock(),
      budget: this.budgetOf(backend),
      line: this.lineOf(backend),
    };
    const run = new ExchangeRun(runInput, this.deps, this.listener);
    this.runs.add(run);
    run.start();
  }

  /** What is under way, of each backend that has something. */
  open(): OpenExchanges[] {
    const open = new Map<string, { backend: string; requests: number; streams: number; upgrades: number }>();
    for (const { decision, record } of this.runs.all()) {
      const { name: backend } = decision.backend;
      const counts = open.get(backend) ?? { backend, requests: 0, streams: 0, upgrades: 0 };
      counts[record.kind]++;
      open.set(backend, counts);
    }
    return [...open.values()];
  }

  /** Ends upgrades (with a goodbye) and event streams, of the decisions that are named. */
  endLongLived(isMeant: (decision: ForwardDecision) => boolean): void {
    for (const run of this.runs.all()) {
      if (run.record.isLongLived && isMeant(run.decision)) run.endLongLived();
    }
  }

  /** Says goodbye to WebSockets, so that their clients come back to another router. Streams go on to the drain's end. */
  sendGoodbyes(): void {
    this.isLeaving = true;
    for (const run of this.runs.all()) run.sayGoodbye();
  }

  /** Cuts all that is left. */
  abortAll(): void {
    for (const run of this.runs.all()) run.abort();
  }

  private answerLocally(input: ForwardInput): void {
    const { exchange, matched, requestId } = input;
    const time = this.deps.wallClock();
    const local = isTooLarge(input)
      ? null
      : buildLocalAnswer(exchange, matched, { now: time, debug: input.debug });
    let isOver = false;
    let sent = { status: local?.head.status ?? statusOf('body_too_large'), bytes: local?.body.length ?? 0 };
    const finish = (failure: Failure | null): void => {
      if (isOver) return;
      isOver = true;
      const status = failure === null ? sent.status : statusOf(failure);
      this.deps.observer.finished(this.localOutcome(input, { status, bytes: sent.bytes, failure, time }));
    };
    exchange.onClientGone = () => finish('client_closed');
    exchange.answer.onFinish = () => finish(local === null ? 'body_too_large' : null);
    if (local === null) sent = { ...sent, bytes: exchange.answer.fail('body_too_large', requestId) };
    else sendLocalAnswer(exchange.answer, local);
  }

  private localOutcome(
    input: ForwardInput,
    end: { status: number; bytes: number; failure: Failure | null; time: number },
  ): Outcome {
    const { exchange, decision, requestId, trust } = input;
    return {
      requestId,
      time: end.time,
      head: exchange.head,
      peer: exchange.peer,
      client: trust.clientAddress(exchange.peer.address, exchange.head.headers),
      decision,
      status: end.status,
      failure: end.failure,
      backend: 'none',
      endpoint: null,
      attempts: 0,
      durationMs: this.deps.now() - exchange.startedAt,
      backendMs: null,
      bytesIn: 0,
      bytesOut: end.bytes,
      upgraded: false,
      eventStream: false,
    };
  }

  private lineOf(backend: Backend): HoldLine {
    const known = this.lines.get(backend.name);
    if (known?.backend === backend) return known.line;
    const line = new HoldLine((changed) => this.deps.endpoints.onChange(backend, changed));
    this.lines.set(backend.name, { backend, line });
    return line;
  }

  private budgetOf(backend: Backend): ResendBudget {
    const known = this.budgets.get(backend);
    if (known !== undefined) return known;
    const budget = new ResendBudget(this.deps.portion);
    this.budgets.set(backend, budget);
    return budget;
  }
}

function isTooLarge(input: ForwardInput): boolean {
  const { maxBody } = input.matched.route.policy;
  return maxBody !== null && (input.exchange.body.length ?? 0) > maxBody;
}
