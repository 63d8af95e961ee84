import { expect, it } from 'vitest';
import type { LiveView } from '../../src/model/live-view.ts';
import { mergeLive } from '../../src/workers/merge-live.ts';
import { LIVE } from '../admin/admin-samples.ts';

it('one view is itself, none is empty', () => {
  expect(mergeLive([LIVE])).toEqual(LIVE);
  expect(mergeLive([])).toEqual({ backends: [], capacities: [], open: [], uses: [], refusals: [] });
});

it('adds up requests, and shows an endpoint as the worker with the most trouble sees it', () => {
  const [backend] = LIVE.backends;
  const [endpoint] = backend!.endpoints;
  const well = {
    ...endpoint!,
    state: 'available',
    why: null,
    consecutiveFailures: 0,
    nextProbeAt: null,
  } as const;
  const other: LiveView = { ...LIVE, backends: [{ ...backend!, endpoints: [well] }] };
  for (const views of [
    [LIVE, other],
    [other, LIVE],
  ]) {
    const merged = mergeLive(views);
    expect(merged.backends).toEqual([{ ...backend, endpoints: [{ ...endpoint, inFlight: 4 }] }]);
    expect(merged.capacities).toEqual([{ backend: 'orders', inFlight: 6, maxInFlight: 10, waiting: 2 }]);
    expect(merged.open).toEqual([{ backend: 'orders', requests: 6, streams: 4, upgrades: 2 }]);
    expect(merged.uses[0]).toMatchObject({ recent: { legacy: 80, feature: 120 }, writes: 14 });
  }
});

it('keeps endpoints and names that only one worker knows', () => {
  const [backend] = LIVE.backends;
  const elsewhere = { ...backend!.endpoints[0]!, address: '::2' };
  const name = { host: 'later', answeredAt: null, problem: null };
  const other: LiveView = { ...LIVE, backends: [{ ...backend!, endpoints: [elsewhere], names: [name] }] };
  const [merged] = mergeLive([LIVE, other]).backends;
  expect(merged?.endpoints.map(({ address }) => address)).toEqual(['::1', '::2']);
  expect(merged?.names.map(({ host }) => host)).toEqual(['orders', 'later']);
});
