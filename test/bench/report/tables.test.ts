import { expect, test } from 'vitest';
import { nginx } from '../../../bench/peers/nginx.ts';
import { relay } from '../../../bench/peers/node-proxies.ts';
import { plotOf } from '../../../bench/report/plot.ts';
import type { Results } from '../../../bench/report/results.ts';
import { conditionsOf, panelsOf } from '../../../bench/report/summary.ts';
import { allTables, markdownTable } from '../../../bench/report/tables.ts';
import { WORKLOADS } from '../../../bench/workloads.ts';
import { ROOT } from '../../support/source-files.ts';
import { sampleSlot } from '../sample-slot.ts';

const peers = [relay(ROOT), nginx];
const slots = [0, 1, 2].flatMap((round) => [
  sampleSlot({ peer: 'relay', round, cpuMicroseconds: 50 + round }),
  sampleSlot({ peer: 'nginx', round, cpuMicroseconds: 25, failed: 2, reasons: ['status 502'] }),
]);
const panels = panelsOf(slots, { workloads: WORKLOADS, peers, reference: 'relay' });

const RESULTS: Results = {
  date: '2026-11-23',
  machine: { cpu: 'a CPU', cores: 4, memoryGiB: 8, kernel: '6.1', system: 'a system', node: '20.20.2' },
  pinned: 'nothing',
  rounds: 3,
  slotSeconds: 0.5,
  tookMinutes: 1.25,
  reference: 'bare relay',
  peers: peers.map(({ id, title, setup }) => ({ id, title, setup, version: '1.2.3' })),
  missing: ['caddy is not installed: apt-get install caddy'],
  leftOut: [{ peer: 'nginx', workload: 'streams', why: '5 failed' }],
  panels,
  aims: [],
  idle: [{ peer: 'relay', connections: 8_000, before: 50 * 1024 ** 2, after: 150 * 1024 ** 2 }],
  match: { 'miss, ns': { '10 routes': 200, '50000 routes': 300 } },
  workers: {
    one: { median: 40, low: 39, high: 41, count: 7 },
    two: { median: 44, low: 43, high: 45, count: 7 },
    ratio: { median: 1.1, low: 1.08, high: 1.12, count: 7 },
    throughput: { median: 1.7, low: 1.6, high: 1.8, count: 7 },
    connections: [97, 103],
  },
  conditions: conditionsOf(slots),
};

test('a table has as many cells in each line', () => {
  expect(markdownTable(['', 'a'], [['x', '1']])).toBe('|  | a |\n|---|---:|\n| x | 1 |');
  for (const block of allTables(RESULTS)
    .split('\n\n')
    .filter((part) => part.startsWith('|'))) {
    const cells = block.split('\n').map((line) => line.split('|').length);
    expect(new Set(cells).size, block).toBe(1);
  }
});

test('figures, ratios and failures stand where they belong', () => {
  const text = allTables(RESULTS);
  expect(text).toContain('| small GET, 64 connections | 51.0 | 25.0 ✗ |');
  expect(text).toContain(
    '| nginx | 25.0 ± 0.00 | 2.04 (2.02–2.06) | 20\u202f000 | 1.00 | 2.00 | 100 % | **6** (status 502) |',
  );
  expect(text).toContain('| bare relay | 50.0 | 150 | 12.8 |');
  expect(text).toContain('| miss, ns | 200 | 300 |');
});

test('what is missing or was left out is said, and how busy the machine was', () => {
  const text = allTables(RESULTS);
  expect(text).toContain('- Not measured: caddy is not installed: apt-get install caddy.');
  expect(text).toContain('- nginx was left out of `streams`: 5 failed.');
  expect(text).toContain('0.10 cores busy beside the bench');
});

test('the plot has a bar for each peer of each panel, and no markup of titles', () => {
  const svg = plotOf(panels, { heading: 'a < b & c', note: '' });
  expect(svg.match(/<rect class="bar"/g)).toHaveLength(2);
  expect(svg).toContain('a &lt; b &amp; c');
  expect(svg).toContain('25.0 ✗');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test('a peer that never answered does not break the plot', () => {
  const none = panelsOf([sampleSlot({ peer: 'nginx', cpuMicroseconds: Number.NaN, failed: 5 })], {
    workloads: WORKLOADS,
    peers,
    reference: 'relay',
  });
  expect(plotOf(none, { heading: '', note: '' })).not.toMatch(/NaN|undefined|Infinity/);
});
