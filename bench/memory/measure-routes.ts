import { setTimeout as sleep } from 'node:timers/promises';
import { fastClockFlags } from './fast-clock.ts';
import { askOnEach, closeAll, openConnections } from './idle-clients.ts';
import { MeasuredRouter, type MemoryFigures } from './measured-router.ts';
import { startPlainBackend } from './plain-answers.ts';

const FACTOR = 200;
/** So that no time limit ends an exchange. */
const LONG = 'timeouts: { connect: 5h, response: 5h, idle: 5h }';

/** What a large table holds of a router, in bytes. */
export interface RouteFigures {
  readonly routes: number;
  /** Heap with the table in force, above a table of one route. */
  readonly heap: number;
  readonly perRoute: number;
  /** More heap when every route was asked for once: histograms, counters, texts of the log. */
  readonly perRouteAsked: number;
  /** Length of `/metrics` then. */
  readonly exposition: number;
  /** Heap above the start when the table of one route is in force again and the metrics of the others are gone. */
  readonly leftOver: number;
}

/** Loads so many routes, asks for each, and takes them away. */
export async function measureRoutes(routes: number): Promise<RouteFigures> {
  const backend = await startPlainBackend();
  const few = tableOf(backend.port, 1);
  const measured = await MeasuredRouter.start(few, { nodeFlags: fastClockFlags(FACTOR) });
  try {
    // What is compiled for any table is not this one's.
    await measured.replaceRoutes(tableOf(backend.port, 50));
    await askForEach(measured.router.port, 50);
    await measured.replaceRoutes(`${few}\n`);
    const start = await afterAll(measured);
    await measured.replaceRoutes(tableOf(backend.port, routes));
    const loaded = await afterAll(measured);
    await askForEach(measured.router.port, routes);
    const exposition = (await measured.router.metrics()).length;
    const asked = await afterAll(measured);
    await measured.replaceRoutes(few);
    const left = await afterAll(measured);
    return {
      routes,
      heap: loaded.heap - start.heap,
      perRoute: Math.round((loaded.heap - start.heap) / routes),
      perRouteAsked: Math.round((asked.heap - loaded.heap) / routes),
      exposition,
      leftOver: left.heap - start.heap,
    };
  } finally {
    await measured.stop();
    await backend.close();
  }
}

/** When nothing of an older table is held any more: series of routes that are gone stay for ten minutes. */
async function afterAll(measured: MeasuredRouter): Promise<MemoryFigures> {
  await sleep((11 * 60_000) / FACTOR);
  // Series are let go of when they are looked at.
  await measured.router.metrics();
  return measured.figures();
}

function tableOf(port: number, routes: number): string {
  const url = `url: http://127.0.0.1:${port}`;
  const lines = [
    'legacy:',
    `  ${url}`,
    `  ${LONG}`,
    'features:',
    '  orders:',
    `    ${url}`,
    `    ${LONG}`,
    'routes:',
  ];
  for (let i = 0; i < routes; i++) {
    const path = i % 2 === 0 ? `/api/area${i % 100}/thing${i}` : `/shop${i % 100}/:id/part${i}`;
    lines.push(`  - name: route-${i}`, '    match:', `      prefix: ${path}`, '    to: orders');
  }
  return `${lines.join('\n')}\n`;
}

async function askForEach(port: number, routes: number): Promise<void> {
  const [socket] = await openConnections(port, 1);
  if (socket === undefined) return;
  for (let i = 0; i < routes; i++) {
    await askOnEach([socket], i % 2 === 0 ? `/api/area${i % 100}/thing${i}` : `/shop${i % 100}/7/part${i}`);
  }
  await closeAll([socket]);
}
