import { expect, it } from 'vitest';
import { gaugeRule, RULES } from '../../src/workers/gauge-rules.ts';
import { pageAt } from '../support/markdown.ts';

/** Gauges of docs/metrics.md, which is tested against what a scrape shows. */
const gauges = [...pageAt('docs/metrics.md').text.matchAll(/^\| `(banyan_\w+)` \| gauge \|/gm)].map(
  ([, name = '']) => name,
);

it('every gauge of the router has a rule of its own', () => {
  expect(gauges.length).toBeGreaterThan(8);
  const unruled = gauges.filter((name) => RULES[name] === undefined && name !== 'banyan_backend_endpoints');
  expect(unruled, 'say in gauge-rules.ts how the values of several workers become one').toEqual([]);
});

it('an endpoint is as available as for the worker with the most trouble', () => {
  const rule = (state: string): string =>
    gaugeRule('banyan_backend_endpoints', `banyan_backend_endpoints{backend="a",state="${state}"}`);
  expect([rule('available'), rule('ejected'), rule('unhealthy')]).toEqual(['min', 'max', 'max']);
});

it('of processes memory is added up, lag is the largest', () => {
  expect(gaugeRule('process_resident_memory_bytes', '')).toBe('sum');
  expect(gaugeRule('nodejs_heap_size_used_bytes', '')).toBe('sum');
  expect(gaugeRule('nodejs_eventloop_lag_seconds', '')).toBe('max');
  expect(gaugeRule('process_start_time_seconds', '')).toBe('primary');
});
