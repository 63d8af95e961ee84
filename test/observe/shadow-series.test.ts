import { expect, test } from 'vitest';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { Feature, Route } from '../../src/model/route-table.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { tableOf } from '../support/table.ts';
import { scrapeText } from './scrape.ts';

const table = tableOf([{ name: 'find', prefix: '/search', to: 'search' }, { to: 'orders' }], {
  features: { search: { shadow: DEFAULT_SHADOW } },
});
const feature = table.features['search'] as Feature;
const route = table.routes[0] as Route;

function setUp() {
  const clock = { now: 0 };
  const metrics = createMetrics({ version: '1', includeProcess: false, nowMs: () => clock.now });
  metrics.tableChanged(table);
  const lines = async (): Promise<string[]> =>
    (await scrapeText(metrics)).split('\n').filter((line) => line.startsWith('banyan_shadow_'));
  return { clock, metrics, lines };
}

test('a feature with a shadow block has its counters from the start, at 0; others have none', async () => {
  const { lines } = setUp();
  const shown = await lines();
  expect(shown).toContain('banyan_shadow_requests_total{feature="search",outcome="answered"} 0');
  expect(shown).toContain('banyan_shadow_skipped_total{feature="search",reason="too_large"} 0');
  expect(shown).toContain('banyan_shadow_comparisons_total{route="find",result="mismatch"} 0');
  expect(shown.filter((line) => /orders|ratio/.test(line))).toEqual([]);
  expect(shown.every((line) => line.endsWith(' 0'))).toBe(true);
});

test('counts what became of copies and comparisons', async () => {
  const { metrics, lines } = setUp();
  metrics.shadowed({ feature, route, outcome: 'answered', skipped: null, durationRatio: 1.2 });
  metrics.shadowed({ feature, route, outcome: 'answered', skipped: null, durationRatio: null });
  metrics.shadowed({ feature, route, outcome: 'skipped', skipped: 'stream', durationRatio: null });
  metrics.compared({ feature, route, result: 'not_built' });
  const shown = await lines();
  expect(shown.filter((line) => / [1-9]/.test(line) && !line.includes('_bucket'))).toEqual([
    'banyan_shadow_requests_total{feature="search",outcome="answered"} 2',
    'banyan_shadow_requests_total{feature="search",outcome="skipped"} 1',
    'banyan_shadow_skipped_total{feature="search",reason="stream"} 1',
    'banyan_shadow_duration_ratio_sum{feature="search"} 1.2',
    'banyan_shadow_duration_ratio_count{feature="search"} 1',
    'banyan_shadow_comparisons_total{route="find",result="not_built"} 1',
  ]);
  expect(shown).toContain('banyan_shadow_duration_ratio_bucket{feature="search",le="1.1"} 0');
  expect(shown).toContain('banyan_shadow_duration_ratio_bucket{feature="search",le="1.25"} 1');
});

test('what no table names any more stays for ten minutes after its last count', async () => {
  const { clock, metrics, lines } = setUp();
  metrics.tableChanged(tableOf([{ to: 'orders' }]));
  clock.now = 9 * 60_000;
  metrics.shadowed({ feature, route, outcome: 'failed', skipped: null, durationRatio: null });
  clock.now = 18 * 60_000;
  expect(await lines()).toContain('banyan_shadow_requests_total{feature="search",outcome="failed"} 1');
  clock.now = 19 * 60_000;
  expect(await lines()).toEqual([]);
});
