import { setTimeout as sleep } from 'node:timers/promises';
import { type PlantedDns, plantDns } from '../../test/support/planted-dns.ts';
import { fastClockFlags } from './fast-clock.ts';
import { askOnEach, closeAll, openConnections } from './idle-clients.ts';
import { MeasuredRouter } from './measured-router.ts';
import { type PlainBackend, startPlainBackend } from './plain-answers.ts';

/**
 * Days of a router in minutes: its time runs a thousand times as fast (fast-clock.ts), and every few of its minutes
 * another table comes. Each has routes that are new, renamed, moved or gone, and features whose addresses were replaced;
 * meanwhile a name in DNS gives other addresses all the time. Requests are answered by each table, so that pools,
 * connections and metrics come and go with them. The memory that lives must not grow.
 */

/** How it went. */
export interface ChurnFigures {
  readonly reloads: number;
  /** Of the router's own time. */
  readonly hours: number;
  /** Heap and external memory, garbage collected, as it went; bytes. */
  readonly samples: readonly number[];
  /** What the line through the samples after the first third rises by from there to the end; bytes. */
  readonly rise: number;
}

/** What to put a router through. */
export interface ChurnPlan {
  readonly reloads: number;
  readonly samples: number;
  /** JavaScript to run in the process at each reload: a planted leak, to see that it is found. */
  readonly leak?: string;
}

const FACTOR = 1_000;
/** A table stays so long at least, of our time: more than three minutes of the router's. */
const TABLE_STAYS_MS = 200;
const ROUTES = 100;
const FEATURES = 10;
/** Addresses of this machine that backends come and go on. */
const ADDRESSES: readonly string[] = Array.from({ length: 24 }, (_, i) => `127.0.1.${i + 1}`);
/** So that no time limit ends an exchange: a millisecond of ours is a second of the router's. */
const LONG = 'timeouts: { connect: 5h, response: 5h, idle: 5h }';
/** Compiled code comes and goes by hundreds of KiB for hours; what is looked for is what the router itself keeps. */
const NO_COMPILER = ['--no-opt', '--no-sparkplug', '--no-flush-bytecode'];
const LONG_FLAGS = ['--header-timeout', '10h', '--body-timeout', '10h', '--keep-alive', '10h'];

/** Puts a router through it. */
export async function measureChurn(plan: ChurnPlan): Promise<ChurnFigures> {
  const backend = await startPlainBackend(ADDRESSES);
  const dns = await plantDns();
  dns.server.set('moving.test', [addressAt(0)]);
  const measured = await MeasuredRouter.start(tableAt(0, backend), {
    flags: LONG_FLAGS,
    nodeFlags: [...NO_COMPILER, ...dns.nodeFlags, ...fastClockFlags(FACTOR)],
  });
  try {
    return await churn(plan, { measured, backend, dns });
  } finally {
    await measured.stop();
    await dns.stop();
    await backend.close();
  }
}

interface Scene {
  readonly measured: MeasuredRouter;
  readonly backend: PlainBackend;
  readonly dns: PlantedDns;
}

async function churn(plan: ChurnPlan, { measured, backend, dns }: Scene): Promise<ChurnFigures> {
  const samples: number[] = [];
  const every = Math.floor(plan.reloads / plan.samples);
  const startMs = (await measured.evaluate('performance.now()')) as number;
  const [kept] = await openConnections(measured.router.port, 1);
  if (kept === undefined) throw new Error('no connection');
  for (let i = 1; i <= plan.reloads; i++) {
    const stays = sleep(TABLE_STAYS_MS);
    dns.server.set('moving.test', [addressAt(i), addressAt(i * 7 + 3)]);
    await measured.replaceRoutes(tableAt(i, backend));
    if (plan.leak !== undefined) await measured.evaluate(plan.leak);
    const others = await openConnections(measured.router.port, 2);
    await askOnEach([kept, ...others], `/area${i % 5}/r${i}-0`);
    await askOnEach([kept], '/moving');
    await askOnEach([kept], '/nowhere');
    await closeAll(others);
    await stays;
    if (i % every === 0) samples.push(await livingBytes(measured));
  }
  await closeAll([kept]);
  const endMs = (await measured.evaluate('performance.now()')) as number;
  const settled = samples.slice(Math.floor(samples.length / 3));
  return {
    reloads: plan.reloads,
    hours: Math.round((endMs - startMs) / 3_600_000),
    samples,
    rise: Math.round(riseOf(settled)),
  };
}

async function livingBytes(measured: MeasuredRouter): Promise<number> {
  const { heap, external } = await measured.figures();
  return heap + external;
}

function addressAt(i: number): string {
  return ADDRESSES[i % ADDRESSES.length] as string;
}

/** The table of a moment: half of its routes are there for a while, the others for this once. */
function tableAt(moment: number, { port }: PlainBackend): string {
  const lines = [`legacy:`, `  url: http://127.0.1.1:${port}`, `  ${LONG}`, 'features:'];
  for (let i = 0; i < FEATURES; i++) {
    const name = i < FEATURES / 2 ? `feature-${i}` : `feature-${i}-${moment}`;
    lines.push(
      `  ${name}:`,
      `    url: http://${addressAt(moment * 3 + i)}:${port}`,
      '    stage: live',
      `    ${LONG}`,
    );
  }
  lines.push('  moving:', `    url: http://moving.test:${port}`, '    stage: live', `    ${LONG}`, 'routes:');
  lines.push('  - match:', '      prefix: /moving', '    to: moving');
  for (let i = 0; i < ROUTES; i++) {
    const feature = i % 2 === 0 ? `feature-${i % 5}` : `feature-${5 + (i % 5)}-${moment}`;
    const name = i % 4 === 3 ? `route-${i}` : `route-${i}-at-${moment}`;
    lines.push(
      `  - name: ${name}`,
      '    match:',
      `      prefix: /area${moment % 5}/r${moment}-${i}`,
      `    to: ${feature}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** By how much the least-squares line through these rises from the first to the last. */
export function riseOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let covariance = 0;
  let variance = 0;
  values.forEach((value, i) => {
    covariance += (i - middle) * (value - mean);
    variance += (i - middle) ** 2;
  });
  return variance === 0 ? 0 : (covariance / variance) * (values.length - 1);
}
