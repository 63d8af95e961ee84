/** What a client connection costs in memory while nothing happens on it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from './peers/peer.ts';
import type { Progress } from './progress.ts';
import type { Session } from './session.ts';
import { USUAL_ROUTES, type Workload } from './workloads.ts';

/** Of a peer. */
export interface IdleMemory {
  readonly peer: string;
  readonly connections: number;
  readonly bytesPerConnection: number;
}

/** The relay holds two descriptors for each, and 20 000 is a common limit. */
const CONNECTIONS = 5_000;
const WARM_UP_MS = 2_000;
/** For what the process does a moment later. */
const SETTLE_MS = 1_000;

/**
 * A fresh process of each peer that has just had requests, so that what they cost is there already; then many
 * connections with one answered request each, a few at a time, and how much the resident memory grew.
 */
export async function idleMemory(
  session: Session,
  peers: readonly Peer[],
  { workload, progress }: { workload: Workload; progress: Progress },
): Promise<readonly IdleMemory[]> {
  const results: IdleMemory[] = [];
  for (const peer of peers) {
    const proxy = await session.startProxy(peer, USUAL_ROUTES);
    await session.measure(proxy, workload, { round: -1, forMs: WARM_UP_MS });
    await sleep(SETTLE_MS);
    const before = session.residentBytes(proxy);
    const failed = await session.hold(proxy, { ...workload, connections: CONNECTIONS });
    await sleep(SETTLE_MS);
    const bytes = session.residentBytes(proxy) - before;
    await session.letGo();
    await session.endProxy(proxy);
    if (failed > 0) progress.say(`${peer.id}: ${failed} of ${CONNECTIONS} connections were not answered`);
    else results.push({ peer: peer.id, connections: CONNECTIONS, bytesPerConnection: bytes / CONNECTIONS });
  }
  return results;
}
