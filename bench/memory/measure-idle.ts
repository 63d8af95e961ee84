import { askOnEach, closeAll, openConnections } from './idle-clients.ts';
import { MeasuredRouter, type MemoryFigures } from './measured-router.ts';
import { startPlainBackend } from './plain-answers.ts';

/** What idle client connections hold of a router, in bytes each. */
export interface IdleFigures {
  readonly connections: number;
  /** Resident memory for each that is connected and has sent no request yet. */
  readonly fresh: number;
  /** After one request each, as the process stands some seconds later, garbage and all. */
  readonly used: number;
  /** The same, with all garbage collected. */
  readonly usedCollected: number;
  /** JavaScript objects of one that was used. */
  readonly heap: number;
  /** When all are closed: heap and external memory above the start, for each that was open. */
  readonly leftOver: number;
}

/** So many connections before measuring that everything is compiled and every pool has its size. */
const WARM_CONNECTIONS = 64;
const WARM_ROUNDS = 40;

/** Connections to the backend that may stay: requests were under way on so many at a time. */
const POOLED = 300;

/** Opens so many connections to a router, lets each ask once, and leaves them idle. */
export async function measureIdle(connections: number): Promise<IdleFigures> {
  const backend = await startPlainBackend();
  const measured = await MeasuredRouter.start(`legacy: http://127.0.0.1:${backend.port}\n`);
  try {
    return await measureOn(measured, connections);
  } finally {
    await measured.stop();
    await backend.close();
  }
}

/**
 * The first quarter of the connections fills what the process has at hand from its start and warm-up: the figures are
 * those of the other three.
 */
async function measureOn(measured: MeasuredRouter, connections: number): Promise<IdleFigures> {
  const { port } = measured.router;
  await warmUp(port);
  const start = await measured.figures();
  const sockets = await openConnections(port, connections / 4);
  await askOnEach(sockets);
  const few = await measured.figures();
  const others = await openConnections(port, connections - sockets.length);
  const fresh = await measured.figures();
  await askOnEach(others);
  const usedAsItStands = await settled(measured);
  const used = await measured.figures();
  await closeAll([...sockets, ...others]);
  await measured.socketsAtMost(POOLED);
  const end = await measured.figures();
  const each = (bytes: number): number => Math.round(bytes / others.length);
  return {
    connections,
    fresh: each(fresh.rss - few.rss),
    used: each(usedAsItStands - few.rss),
    usedCollected: each(used.rss - few.rss),
    heap: each(used.heap - few.heap),
    leftOver: Math.round((living(end) - living(start)) / connections),
  };
}

function living({ heap, external }: MemoryFigures): number {
  return heap + external;
}

async function warmUp(port: number): Promise<void> {
  const sockets = await openConnections(port, WARM_CONNECTIONS);
  for (let i = 0; i < WARM_ROUNDS; i++) await askOnEach(sockets);
  await closeAll(sockets);
}

/** Resident memory when it has stopped moving, garbage and all. */
async function settled(measured: MeasuredRouter): Promise<number> {
  let last = await measured.resident();
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await measured.resident();
    if (Math.abs(now - last) < 256 * 1024) return now;
    last = now;
  }
  return last;
}
