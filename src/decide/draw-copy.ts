import type { ShadowPlan } from '../model/decision.ts';
import { isEndless } from '../model/endless-type.ts';
import type { ClientExchange } from '../model/exchange.ts';
import { firstValue } from '../model/header-list.ts';
import type { ShadowSkip } from '../model/shadow.ts';

/** What is read of a request. */
export type CopiedRequest = Pick<ClientExchange, 'traits' | 'upgrade'> & {
  readonly body: Pick<ClientExchange['body'], 'length'>;
};

/** A request that was drawn. */
export interface CopyDraw {
  /** Why it is not copied all the same; null: it is, as far as its head tells. */
  readonly skipped: ShadowSkip | null;
  /** Legacy is asked once more. */
  readonly asksAgain: boolean;
}

/** Whether a request is copied; null: it was not drawn. Pure but for the randomness that is handed in (0 … 1). */
export function drawCopy(plan: ShadowPlan, request: CopiedRequest, random: () => number): CopyDraw | null {
  if (random() >= plan.shadow.share) return null;
  const skipped = skipOf(plan, request);
  const mayAskAgain = skipped === null && plan.shadow.noise > 0 && plan.repeatable.has(request.traits.method);
  return { skipped, asksAgain: mayAskAgain && random() < plan.shadow.noise };
}

/** Why a request is never copied, as far as its head tells. */
export function skipOf({ methods, shadow }: ShadowPlan, request: CopiedRequest): ShadowSkip | null {
  const { traits, upgrade, body } = request;
  if (upgrade !== null) return 'upgrade';
  if (!methods.has(traits.method)) return 'method';
  if (firstValue(traits.headers, 'range') !== undefined) return 'range';
  if (isEndless(firstValue(traits.headers, 'content-type') ?? null)) return 'stream';
  return (body.length ?? 0) > shadow.maxBody ? 'too_large' : null;
}
