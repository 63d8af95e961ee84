import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import { NEVER_ROLLED_BACK, planAll } from '../../src/decide/plan-routes.ts';
import { planOf } from '../../src/decide/route-plan.ts';
import { createHeldBytes } from '../../src/live/held-bytes.ts';
import type { ForwardDecision, ShadowPlan } from '../../src/model/decision.ts';
import type { ClientExchange } from '../../src/model/exchange.ts';
import type { HeaderList } from '../../src/model/header-list.ts';
import type { HeldBytes } from '../../src/model/held-bytes.ts';
import type { Route, Stage } from '../../src/model/route-table.ts';
import type { ShadowEnd, ShadowPair } from '../../src/model/shadow.ts';
import type { Shadow } from '../../src/model/shadow-block.ts';
import { Shadows } from '../../src/shadow/shadows.ts';
import { FakeExchange, type FakeRequest } from '../forward/fake-exchange.ts';
import { tableOf } from '../support/table.ts';

/** A copy as it reached the other side: what it says, and the hands to answer it. */
export interface SentCopy {
  readonly exchange: ClientExchange;
  readonly decision: ForwardDecision;
  /** Its client, the router, left. */
  hasLeft: boolean;
}

/** Where it differs from stage shadow with a MiB for copies. */
export interface DeskOptions {
  readonly stage?: Stage;
  readonly maxBuffered?: number;
  readonly memory?: HeldBytes;
}

/** Shadows between clients and backends that are not there: the test serves, and answers copies. */
export class ShadowDesk {
  readonly sent: SentCopy[] = [];
  readonly ends: ShadowEnd[] = [];
  readonly judged: ShadowPair[] = [];
  readonly releases: (() => void)[] = [];
  readonly faults: unknown[] = [];
  readonly plan: ShadowPlan;
  readonly shadows: Shadows;
  now = 1_000;
  /** What happens with a copy that is sent. */
  onSend: (copy: SentCopy) => void = () => {};
  onJudge: () => void = () => {};

  constructor(
    block: Partial<Shadow> = {},
    { stage = 'shadow', maxBuffered = 1 << 20, memory = createHeldBytes(1 << 24) }: DeskOptions = {},
  ) {
    const shadow: Shadow = { ...DEFAULT_SHADOW, stages: ['shadow', 'canary', 'live'], ...block };
    const table = tableOf([{ prefix: '/', to: 'orders', name: 'orders' }], {
      stages: { orders: stage },
      features: { orders: { shadow } },
    });
    const { decision } = planOf(planAll(table, NEVER_ROLLED_BACK), table.routes[0] as Route);
    this.plan = (decision as ForwardDecision).shadow as ShadowPlan;
    this.shadows = new Shadows({
      judge: {
        judge: (pair, release) => {
          this.judged.push(pair);
          this.releases.push(release);
          this.onJudge();
        },
      },
      observer: { shadowed: (end) => void this.ends.push(end) },
      memory,
      maxHeld: maxBuffered,
      now: () => this.now,
      wallClock: () => 42,
      onFault: (error) => void this.faults.push(error),
    });
  }

  /** A client's exchange, and as it is served. */
  watch(request: FakeRequest = {}, asksAgain = false): { client: FakeExchange; served: ClientExchange } {
    const client = new FakeExchange(request);
    const served = this.shadows.watch(client, {
      plan: this.plan,
      asksAgain,
      requestId: 'request-1',
      send: (exchange, decision) => {
        const copy: SentCopy = { exchange, decision, hasLeft: false };
        exchange.onClientGone = () => {
          copy.hasLeft = true;
        };
        this.sent.push(copy);
        this.onSend(copy);
      },
    });
    return { client, served };
  }

  /** Serves a whole exchange; resolves when its copy, if there is one, was sent. */
  async serve(
    request: FakeRequest = {},
    answer: Partial<Answer> = {},
    asksAgain = false,
  ): Promise<FakeExchange> {
    const { client, served } = this.watch(request, asksAgain);
    await readBody(served);
    say(served, answer);
    await turn();
    return client;
  }

  /** `answered`, `failed`, `dropped`, `skipped too_large`, … */
  get outcomes(): string[] {
    return this.ends.map(({ outcome, skipped }) => (skipped === null ? outcome : `${outcome} ${skipped}`));
  }
}

/** An answer, as a backend would give it. */
export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: readonly string[];
  /** By default what the body has. */
  readonly length: number | null;
}

/** Answers an exchange, as `forward` would. */
export function say(exchange: ClientExchange, answer: Partial<Answer> = {}): void {
  const { status = 200, headers = ['Content-Type', 'text/plain'], body = ['hello'] } = answer;
  const length = answer.length === undefined ? body.join('').length : answer.length;
  exchange.answer.head({ status, reason: '', headers, bodyLength: length });
  const lent = Buffer.alloc(64 * 1024);
  for (const piece of body) {
    const bytes = lent.subarray(0, lent.write(piece, 'latin1'));
    exchange.answer.chunk(bytes);
    // Read into again, as shared buffers are.
    bytes.fill('#');
  }
  exchange.answer.end([]);
}

/** Reads a request's body to its end, as an attempt would. */
export function readBody(exchange: ClientExchange): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    if (exchange.body.length === 0) resolve(text);
    else
      exchange.body.read({
        chunk: (bytes) => {
          text += bytes.toString('latin1');
          bytes.fill('#');
        },
        end: () => resolve(text),
        fail: reject,
      });
  });
}

/** One turn of the event loop, and what it leaves to do. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
