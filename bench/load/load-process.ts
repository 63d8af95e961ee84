/**
 * One process of load: many connections of one workload to one port. The bench tells it to prepare (open the
 * connections, ask once on each), then to go for a while; it answers with counts. It ends with the bench.
 */

import { clientFor } from './client-for.ts';
import type { LoadClient } from './load-client.ts';
import type { LoadOrder, LoadPlan, LoadReport } from './load-plan.ts';
import { Tally } from './tally.ts';

/** What a proxy may take for the last answers, or for the first ones. */
const GRACE_MS = 8_000;
/** What opening thousands of connections may take. */
const HOLD_MS = 20_000;
const HELD_AT_ONCE = 16;
const READ_BYTES = 256 * 1024;

const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
const state: { slot: Slot | null; readonly held: LoadClient[] } = { slot: null, held: [] };

interface Slot {
  readonly clients: readonly LoadClient[];
  readonly tally: Tally;
}

function slotOf(plan: LoadPlan): Slot {
  const tally = new Tally();
  const request = Buffer.concat([Buffer.from(plan.head, 'latin1'), Buffer.alloc(plan.bodyBytes, 'u')]);
  const setting = { plan, tally, request, buffer };
  const clients = Array.from({ length: plan.connections }, () => clientFor(setting));
  return { clients, tally };
}

async function prepare(plan: LoadPlan): Promise<void> {
  const slot = slotOf(plan);
  state.slot = slot;
  await within(GRACE_MS, slot, () => Promise.all(slot.clients.map((client) => client.prepare())));
  tell({ is: 'ready', ...slot.tally.failures });
}

async function go(forMs: number): Promise<void> {
  const { slot } = state;
  if (slot === null) return;
  slot.tally.start(performance.now());
  const stop = setTimeout(() => {
    for (const client of slot.clients) client.stop();
  }, forMs);
  await within(forMs + GRACE_MS, slot, () => Promise.all(slot.clients.map((client) => client.run())));
  clearTimeout(stop);
  const { result } = slot.tally;
  for (const client of slot.clients) client.close();
  state.slot = null;
  tell({ is: 'done', result });
}

async function hold(plan: LoadPlan): Promise<void> {
  const slot = slotOf(plan);
  state.held.push(...slot.clients);
  const left = slot.clients.values();
  const one = async () => {
    for (const client of left) await client.prepare();
  };
  await within(HOLD_MS, slot, () => Promise.all(Array.from({ length: HELD_AT_ONCE }, one)));
  tell({ is: 'ready', ...slot.tally.failures });
}

function close(): void {
  for (const client of state.held.splice(0)) client.close();
  tell({ is: 'ready', failed: 0, reasons: [] });
}

/** Work that ends by itself, or is ended. */
async function within(ms: number, slot: Slot, work: () => Promise<unknown>): Promise<void> {
  const late = setTimeout(() => {
    for (const client of slot.clients) client.close();
  }, ms);
  await work();
  clearTimeout(late);
}

function tell(report: LoadReport): void {
  process.send?.(report);
}

process.on('message', (order: LoadOrder) => {
  if (order.do === 'prepare') void prepare(order.plan);
  else if (order.do === 'go') void go(order.forMs);
  else if (order.do === 'hold') void hold(order.plan);
  else close();
});
process.on('disconnect', () => process.exit());
