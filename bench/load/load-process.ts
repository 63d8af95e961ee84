/**
 * One process of load: many connections of one workload to one port. The bench tells it to prepare (open the
 * connections, ask once on each), then to go for a while; it answers with counts. It ends with the bench.
 */

import type { ClientSetting, LoadClient } from './load-client.ts';
import type { LoadOrder, LoadPlan, LoadReport } from './load-plan.ts';
import { MessageClient } from './message-client.ts';
import { RequestClient } from './request-client.ts';
import { StreamClient } from './stream-client.ts';
import { Tally } from './tally.ts';

/** What a proxy may take for the last answers, or for the first ones. */
const GRACE_MS = 4_000;
const READ_BYTES = 256 * 1024;

const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
const state: { slot: Slot | null } = { slot: null };

interface Slot {
  readonly clients: readonly LoadClient[];
  readonly tally: Tally;
}

function clientFor(setting: ClientSetting): LoadClient {
  switch (setting.plan.kind) {
    case 'requests':
    case 'connections':
      return new RequestClient(setting);
    case 'streams':
      return new StreamClient(setting);
    case 'messages':
      return new MessageClient(setting);
  }
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
  await within(slot, () => prepareAll(slot.clients, plan.openAtOnce ?? plan.connections));
  tell({ is: 'ready', ...slot.tally.failures });
}

/** So many at a time, each beginning when another is done. */
async function prepareAll(clients: readonly LoadClient[], atOnce: number): Promise<void> {
  const left = clients.values();
  const one = async () => {
    for (const client of left) await client.prepare();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function close(): void {
  const { slot } = state;
  state.slot = null;
  for (const client of slot?.clients ?? []) client.close();
  tell({ is: 'done', result: new Tally().result });
}

async function go(forMs: number): Promise<void> {
  const { slot } = state;
  if (slot === null) return;
  slot.tally.start(performance.now());
  const stop = setTimeout(() => {
    for (const client of slot.clients) client.stop();
  }, forMs);
  await within(slot, () => Promise.all(slot.clients.map((client) => client.run())), forMs);
  clearTimeout(stop);
  const { result } = slot.tally;
  for (const client of slot.clients) client.close();
  state.slot = null;
  tell({ is: 'done', result });
}

async function within(slot: Slot, work: () => Promise<unknown>, forMs = 0): Promise<void> {
  const late = setTimeout(() => {
    for (const client of slot.clients) client.close();
  }, forMs + GRACE_MS);
  await work();
  clearTimeout(late);
}

function tell(report: LoadReport): void {
  process.send?.(report);
}

process.on('message', (order: LoadOrder) => {
  if (order.do === 'prepare') void prepare(order.plan);
  else if (order.do === 'go') void go(order.forMs);
  else close();
});
process.on('disconnect', () => process.exit());
