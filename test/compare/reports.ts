import { ComparisonTally, type PairHead } from '../../src/compare/comparison-tally.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { AnswersCompared, Difference } from '../../src/model/comparison.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import type { FeatureComparisons } from '../../src/model/shadow-report.ts';
import { tableOf } from '../support/table.ts';

/** A table of one feature, `search`, in stage shadow, with the routes `search` and `suggest`. */
export function searchTable(definition = 'd1', shadow: Partial<typeof DEFAULT_SHADOW> = {}): RouteTable {
  return tableOf(
    [
      { name: 'search', prefix: '/api/search', to: 'search' },
      { name: 'suggest', prefix: '/api/suggest', to: 'search' },
    ],
    {
      stages: { search: 'shadow' },
      features: { search: { definition, shadow: { ...DEFAULT_SHADOW, ...shadow } } },
    },
  );
}

/** A difference of a field, `value` unless said otherwise. */
export function differs(field: string, some: Partial<Difference> = {}): Difference {
  return { field, kind: 'value', legacy: '1', feature: '2', apart: null, ...some };
}

/** What two answers came to: a mismatch in these fields, a match with none. */
export function comparedAs(...differences: readonly Difference[]): AnswersCompared {
  return { result: differences.length === 0 ? 'match' : 'mismatch', reason: null, differences };
}

/** A pair of answers, compared. */
export interface PairSketch {
  readonly own: AnswersCompared;
  readonly noise?: AnswersCompared;
  readonly route?: string;
  readonly target?: string;
  readonly legacyMs?: number;
  readonly featureMs?: number;
}

/** The report of these pairs, each as often as it is said. */
export function reportOf(
  table: RouteTable,
  pairs: readonly (PairSketch & { times?: number })[],
): FeatureComparisons[] {
  const tally = new ComparisonTally();
  for (const { times = 1, ...pair } of pairs) {
    for (let i = 0; i < times; i++) {
      tally.add(headOf(table, pair), { own: pair.own, noise: pair.noise ?? null });
    }
  }
  return tally.take();
}

function headOf(
  table: RouteTable,
  { route: name = 'search', target = '/api/search?q=fern', ...pair }: PairSketch,
): PairHead {
  const route = table.routes.find((one) => one.name === name);
  const feature = table.features['search'];
  if (route === undefined || feature === undefined) throw new Error(`no route ${name}`);
  return {
    feature,
    route,
    servedBy: 'legacy',
    requestId: 'r1',
    time: 1_700_000_000_000,
    method: 'GET',
    target,
    legacyMs: pair.legacyMs ?? 20,
    featureMs: pair.featureMs ?? 10,
  };
}
