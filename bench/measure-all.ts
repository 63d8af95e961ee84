/**
 * The order in which things are measured: within a round every peer has its turn, and who begins changes from round to
 * round, so that neither a busy minute of the machine nor a place in the order is any one's luck.
 */
import type { Slot } from './measure/slot.ts';
import type { Peer } from './peers/peer.ts';
import type { Progress } from './progress.ts';
import type { RunningPeer, Session } from './session.ts';
import type { Workload } from './workloads.ts';

/**
 * A Node process compiles what it does often, after so many times, not after so long: a warm-up ends with its number
 * of answers, or after a time. A process that was never asked before needs more.
 */
const FIRST_WARM_UP = { answers: 20_000, mostMs: 8_000 } as const;
const WARM_UP = { answers: 5_000, mostMs: 2_000 } as const;
const WARM_UP_SLOT_MS = 500;
/** Who fails more than this part of a warm-up is not measured: it would only cost time. */
const MOST_FAILING = 0.1;

/** Compared with each other, so all of them begin with fresh processes. */
const ROUTES = 'routes';
const USUAL = 'usual';

/** What is to be measured. */
export interface Measuring {
  readonly session: Session;
  readonly peers: readonly Peer[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly slotMs: number;
  /** The longest warm-up of a peer, in ms; for tests. */
  readonly mostWarmUpMs?: number;
  readonly progress: Progress;
}

/** A peer that was left out, and why. */
export interface LeftOut {
  readonly peer: string;
  /** Null: of all. */
  readonly workload: string | null;
  readonly why: string;
}

/** All that was measured, and what could not be. */
export interface Measured {
  readonly slots: readonly Slot[];
  readonly leftOut: readonly LeftOut[];
}

/** One workload of one proxy. */
interface Pairing {
  readonly workload: Workload;
  readonly proxy: RunningPeer;
}

/** Measurements in all, for who shows the progress. */
export function slotCount({
  peers,
  workloads,
  rounds,
}: Pick<Measuring, 'peers' | 'workloads' | 'rounds'>): number {
  return workloads.reduce((sum, workload) => sum + peersOf(workload, peers).length * (rounds + 1), 0);
}

/** Group by group. Proxies stay up from one to the next, but those of the workloads about routes. */
export async function measureAll(measuring: Measuring): Promise<Measured> {
  const run = new Run(measuring);
  for (const group of new Set(measuring.workloads.map((workload) => workload.group)))
    await run.group(measuring.workloads.filter((workload) => workload.group === group));
  return run.measured;
}

class Run {
  readonly #measuring: Measuring;
  readonly #proxies = new Map<string, RunningPeer | null>();
  readonly #slots: Slot[] = [];
  readonly #leftOut: LeftOut[] = [];

  constructor(measuring: Measuring) {
    this.#measuring = measuring;
  }

  get measured(): Measured {
    return { slots: this.#slots, leftOut: this.#leftOut };
  }

  async group(workloads: readonly Workload[]): Promise<void> {
    const pairings: Pairing[] = [];
    for (const workload of workloads) {
      for (const peer of peersOf(workload, this.#measuring.peers)) {
        const proxy = await this.#proxyFor(peer, workload);
        if (proxy !== null && (await this.#warmUp({ workload, proxy }))) pairings.push({ workload, proxy });
      }
    }
    for (let round = 0; round < this.#measuring.rounds; round++)
      for (const pairing of turned(pairings, round)) await this.#measure(pairing, round);
    await this.#endOwn();
  }

  async #measure({ workload, proxy }: Pairing, round: number): Promise<void> {
    const { session, slotMs, progress, rounds } = this.#measuring;
    this.#slots.push(await session.measure(proxy, workload, { round, forMs: slotMs }));
    progress.step(`${workload.id}, round ${round + 1} of ${rounds}`);
  }

  async #warmUp({ workload, proxy }: Pairing): Promise<boolean> {
    const { session, progress, mostWarmUpMs = Number.POSITIVE_INFINITY } = this.#measuring;
    const { answers, mostMs } = proxy.measured.count === 0 ? FIRST_WARM_UP : WARM_UP;
    const forMs = Math.min(WARM_UP_SLOT_MS, mostWarmUpMs);
    let answered = 0;
    for (let passed = 0; answered < answers && passed < Math.min(mostMs, mostWarmUpMs); passed += forMs) {
      const slot = await session.measure(proxy, workload, { round: -1, forMs });
      if (slot.failed > (slot.answered + slot.failed) * MOST_FAILING || slot.answered === 0) {
        this.#leaveOut(slot.peer, workload.id, `${slot.failed} failed (${slot.reasons.join('; ')})`);
        return false;
      }
      answered += slot.answered;
    }
    progress.step(`${workload.id}, warming up`);
    return true;
  }

  /** Null when it does not start; that is said once. */
  async #proxyFor(peer: Peer, workload: Workload): Promise<RunningPeer | null> {
    const key = `${peer.id} ${workload.routes} ${placeOf(workload)}`;
    const known = this.#proxies.get(key);
    if (known !== undefined) return known;
    const proxy = await this.#measuring.session.startProxy(peer, workload.routes).catch((error: unknown) => {
      this.#leaveOut(peer.id, workload.id, error instanceof Error ? error.message : String(error));
      return null;
    });
    this.#proxies.set(key, proxy);
    return proxy;
  }

  #leaveOut(peer: string, workload: string | null, why: string): void {
    this.#leftOut.push({ peer, workload, why });
    this.#measuring.progress.say(`${peer} is left out${workload === null ? '' : ` of ${workload}`}: ${why}`);
  }

  async #endOwn(): Promise<void> {
    for (const [key, proxy] of this.#proxies) {
      if (key.endsWith(` ${USUAL}`)) continue;
      if (proxy) await this.#measuring.session.endProxy(proxy);
      this.#proxies.delete(key);
    }
  }
}

/** Which processes serve it: those that all workloads share, or those of its group. */
function placeOf({ group }: Workload): string {
  return group === ROUTES ? ROUTES : USUAL;
}

/** Where a workload is about routes, only who has routes. */
function peersOf(workload: Workload, peers: readonly Peer[]): readonly Peer[] {
  return workload.group === ROUTES ? peers.filter(({ hasRoutes }) => hasRoutes) : peers;
}

/** The same list, beginning elsewhere. */
export function turned<T>(list: readonly T[], by: number): readonly T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}
