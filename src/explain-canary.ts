import type { Client, Surroundings } from './decide/client.ts';
import { decide } from './decide/decide.ts';
import type { Choice, RoutePlan } from './decide/route-plan.ts';
import type { ClientKey } from './model/route-table.ts';

/**
 * What a canary makes of a client, for `explain`. It is the very choice that `serve` would make, but for a client that
 * would get a place: that is left to chance, so what most of such clients would get is shown, and that it is chance is
 * said.
 */

/** How a canary came to its side, in the shape that docs/admin.md shows. */
export interface CanaryPart {
  /** Percent of clients. */
  readonly share: number;
  /** What told the client apart, as `by` has it; null if nothing did. */
  readonly key: string | null;
  /** 0 … 9999, of the router's own cookie; null where another key counted, or none. */
  readonly place: number | null;
  /** 0 … 9999: below share × 100 it is the feature's. */
  readonly bucket: number | null;
  /** A place would be drawn, so `side` is only what is likelier. */
  readonly draws: boolean;
}

/** A choice, with what a canary had to do with it; null if nothing. */
export interface ExplainedChoice {
  readonly choice: Choice;
  readonly canary: CanaryPart | null;
}

/** Chooses for a client as `serve` does. */
export function explainChoice(
  plan: RoutePlan,
  client: Client,
  trust: Surroundings['trust'],
): ExplainedChoice {
  const chosen = decide(plan, client, { trust, random: () => 0 });
  const draws = chosen.drawn !== null;
  const choice = draws ? likelier(plan, chosen) : chosen;
  return { choice, canary: partOf(choice, draws) };
}

function likelier({ canary }: RoutePlan, chosen: Choice): Choice {
  if (canary === null) return chosen;
  return canary.shareHundredths >= 5_000 ? canary.inside : canary.outside;
}

function partOf({ decision, key }: Choice, draws: boolean): CanaryPart | null {
  if (decision.kind === 'local' || (decision.reason !== 'bucket' && decision.reason !== 'no_key'))
    return null;
  return {
    share: (decision.feature?.canary?.shareHundredths ?? 0) / 100,
    key: key === null ? null : wordOf(key.key),
    place: key?.place ?? null,
    bucket: key?.bucket ?? null,
    draws,
  };
}

function wordOf(key: ClientKey): string {
  if (key.kind === 'place') return 'cookie';
  return key.kind === 'ip' ? 'ip' : `${key.kind}:${key.name}`;
}
