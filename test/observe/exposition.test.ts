import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLabel } from '../../src/observe/exposition.ts';
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts';
import { tableOf } from '../support/table.ts';
import { parseExposition } from './parse-exposition.ts';
import { decisionOf, outcomeOf } from './samples.ts';
import { scrape } from './scrape.ts';

const ROUTES = 500;

/** Metrics of so many routes that have all been used on both sides, with several methods and codes. */
function busyMetrics(routes: number): Metrics {
  const metrics = createMetrics({ version: '1', includeProcess: false });
  const names = Array.from({ length: routes }, (_, i) => `route-number-${i}`);
  const table = tableOf(names.map((name, i) => ({ name, prefix: `/${name}`, to: `feature-${i % 40}` })));
  metrics.tableChanged(table);
  for (const name of names) {
    for (const side of ['legacy', 'feature'] as const) {
      const decision = decisionOf(table, name, side);
      if (decision.kind !== 'forward') throw new Error('forwarded');
      const { route, backend } = decision;
      for (const status of [200, 201, 404, 503]) {
        metrics.started(decision);
        metrics.attempted({ route, backend, purpose: 'serve', result: status, headMs: status });
        metrics.finished(outcomeOf(decision, { status, durationMs: status }));
      }
    }
  }
  return metrics;
}

describe('a label value', () => {
  it('comes back as it went in, whatever it holds', () => {
    const awkward = fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '{', '}', ',', '=', 'ü', '\r') });
    const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.oneof(awkward, fc.string({ unit: anyUnit })), (value) => {
        const text = `# HELP m x\n# TYPE m gauge\nm{l="${escapeLabel(value)}"} 1\n`;
        expect(parseExposition(text).get('m')?.samples[0]?.labels['l']).toBe(value);
      }),
    );
  });

  it('may be a name with quotes in a whole scrape', async () => {
    const metrics = createMetrics({ version: '1', includeProcess: false });
    const name = 'orders:/a"b\\c';
    metrics.tableChanged(tableOf([{ name, to: 'orders' }]));
    const samples = (await scrape(metrics)).get('banyan_requests_total')?.samples;
    expect(samples?.[0]?.labels['route']).toBe(name);
  });
});

describe('a large scrape', () => {
  it('comes in pieces of bounded size, with a turn of the event loop after each', async () => {
    const metrics = busyMetrics(ROUTES);
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        await nextTurn();
        turns++;
      }
    })();
    const pieces: string[] = [];
    for await (const piece of metrics.exposition()) pieces.push(piece);
    isOver = true;
    await counting;
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(96 * 1024);
    expect(pieces.length).toBeGreaterThan(20);
    expect(turns).toBeGreaterThanOrEqual(pieces.length - 3);
    expect(parseExposition(pieces.join('')).get('banyan_requests_total')?.samples.length).toBe(
      ROUTES * 2 * 4 + 1,
    );
  });

  it('is whole although requests and reloads go on during it', async () => {
    const metrics = busyMetrics(100);
    const table = tableOf([{ name: 'route-number-7', to: 'feature-7' }]);
    let text = '';
    for await (const piece of metrics.exposition()) {
      text += piece;
      metrics.tableChanged(table);
      const decision = decisionOf(table, 'route-number-7');
      metrics.started(decision);
      metrics.finished(outcomeOf(decision));
    }
    expect(parseExposition(text).get('banyan_request_duration_seconds')?.samples.length).toBeGreaterThan(0);
  });
});
