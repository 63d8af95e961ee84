/** What client connections cost in memory while nothing happens on them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer } from './peers/peer.ts';
import type { Progress } from './progress.ts';
import type { RunningPeer, Session } from './session.ts';
import { USUAL_ROUTES, type Workload } from './workloads.ts';

/** Of a peer. */
export interface IdleMemory {
  readonly peer: string;
  readonly connections: number;
  /** Resident, in bytes. */
  readonly before: number;
  readonly after: number;
}

/** The relay has two descriptors for each, and 20 000 is a common limit. */
const CONNECTIONS = 8_000;
const WARM_UP_MS = 200;
/** For what a process does a moment later. */
const SETTLE_MS = 1_000;

/**
 * A fresh process of each peer, a few requests, then many connections, a few at a time, with one answered request
 * each. What the process reserves for itself on the way is in the difference: it is memory that is gone.
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
    const before = await settled(session, proxy);
    const failed = await session.hold(proxy, { ...workload, connections: CONNECTIONS });
    const after = await settled(session, proxy);
    await session.letGo();
    await session.endProxy(proxy);
    if (failed > 0) progress.say(`${peer.id}: ${failed} idle connections were not answered`);
    else results.push({ peer: peer.id, connections: CONNECTIONS, before, after });
  }
  return results;
}

async function settled(session: Session, proxy: RunningPeer): Promise<number> {
  await sleep(SETTLE_MS);
  return session.residentBytes(proxy);
}
