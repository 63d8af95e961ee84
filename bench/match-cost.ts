/** What finding a route costs, from bench/match.mjs, which measures it without any socket. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Nanoseconds by kind of request and number of routes, and what building the table took. */
export type MatchCost = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Takes about a quarter of a minute. Throws when it cannot be run. */
export function matchCost(root: string): MatchCost {
  const script = path.join(root, 'bench/match.mjs');
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(
    execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8', stdio }),
  ) as MatchCost;
}

/** Paths without a percent sign: what nearly all requests are. */
export const ORDINARY_KINDS = ['literal, ns', 'param, ns', 'header, ns', 'miss, ns'] as const;

/** The dearest ordinary request at the largest number of routes, in ns; null if nothing was measured. */
export function dearestMatch(cost: MatchCost): number | null {
  const figures = ORDINARY_KINDS.flatMap((kind) => Object.values(cost[kind] ?? {}).at(-1) ?? []);
  return figures.length === 0 ? null : Math.max(...figures);
}
