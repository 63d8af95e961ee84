import type { ForwardDecision } from '../model/decision.ts';
import type { ClientExchange } from '../model/exchange.ts';
import type { Matched } from '../model/matched.ts';
import type { TrustedProxies } from '../model/trusted-proxies.ts';
import type { HoldLine } from './hold-line.ts';
import type { ResendBudget } from './resend-budget.ts';

/** What one run is about. */
export interface RunInput {
  readonly exchange: ClientExchange;
  readonly matched: Matched;
  readonly decision: ForwardDecision;
  readonly trust: TrustedProxies;
  readonly requestId: string;
  readonly debug: boolean;
  readonly setCookie: string | null;
  /** Wall clock at its start, ms. */
  readonly time: number;
  readonly budget: ResendBudget;
  readonly line: HoldLine;
}

/** Who is told of a run. */
export interface RunListener<Run> {
  /** It became a tunnel. */
  upgraded(run: Run): void;
  /** Nothing of it is left. */
  over(run: Run): void;
}
