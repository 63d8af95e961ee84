import { expect, test } from 'vitest';
import { haproxy } from '../../../bench/peers/haproxy.ts';
import { nginx } from '../../../bench/peers/nginx.ts';
import { conditionsOf, panelsOf } from '../../../bench/report/summary.ts';
import { WORKLOADS } from '../../../bench/workloads.ts';
import { sampleSlot } from '../sample-slot.ts';

const workloads = WORKLOADS.filter(({ id }) => id === 'small-64');

test('ratios are medians of the rounds’ ratios, not ratios of medians', () => {
  const own = [10, 100, 30].map((cpuMicroseconds, round) =>
    sampleSlot({ peer: 'haproxy', round, cpuMicroseconds }),
  );
  const other = [20, 50, 15].map((cpuMicroseconds, round) =>
    sampleSlot({ peer: 'nginx', round, cpuMicroseconds }),
  );
  const [panel] = panelsOf([...own, ...other], { workloads, peers: [haproxy, nginx], reference: 'haproxy' });
  const [, row] = panel?.rows ?? [];
  expect(row?.cpuMicroseconds.median).toBe(20);
  expect(row?.referenceOver.median).toBe(2);
});

test('who was not measured has no row; failures are added up', () => {
  const slots = [0, 1].map((round) =>
    sampleSlot({ peer: 'nginx', round, failed: 3, reasons: ['status 502'] }),
  );
  const [panel] = panelsOf(slots, { workloads, peers: [haproxy, nginx], reference: 'haproxy' });
  expect(panel?.rows.map(({ peer, failed, reasons }) => [peer.id, failed, reasons])).toEqual([
    ['nginx', 6, ['status 502']],
  ]);
  expect(panel?.rows[0]?.referenceOver.median).toBeNaN();
});

test('a saturated load or backend is named, and how busy the machine was', () => {
  const slots = [
    sampleSlot({ loadShare: 0.95, otherCores: 2 }),
    sampleSlot({ peer: 'nginx', backendShare: 0.97, otherCores: 0 }),
    sampleSlot({ peer: 'nginx', round: 1, backendShare: 0.92, otherCores: 0 }),
  ];
  const { saturated, otherCores, otherCoresOften } = conditionsOf(slots);
  expect(saturated).toEqual(['small-64, banyan: load', 'small-64, nginx: backend']);
  expect([otherCores, otherCoresOften]).toEqual([0, 2]);
});
