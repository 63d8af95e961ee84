/**
 * The port `Capacity`: at most `max_in_flight` requests on a backend, the rest in line for up to `queue`. First come,
 * first served; a newcomer never overtakes those who wait. Counted also where there is no limit, so that a limit that
 * a reload brings holds at once.
 */
import type { CapacityStatus } from '../model/backend-status.ts';
import type { Capacity } from '../model/ports.ts';
import type { Backend, RouteTable } from '../model/route-table.ts';

/** The port, and what `app.ts` does with it. */
export interface LiveCapacity extends Capacity {
  /** A table comes into force: its limits hold, and a raised one lets waiters in. */
  tableChanged(table: RouteTable): void;
  /** Of every backend with a limit, or with requests. */
  snapshot(): CapacityStatus[];
}

/** Starts with nothing in flight. */
export function createCapacity(): LiveCapacity {
  const gates = new Map<string, Gate>();

  function gateOf(backend: Backend): Gate {
    let gate = gates.get(backend.name);
    if (gate === undefined) {
      gate = new Gate(backend.name, backend.maxInFlight);
      gates.set(backend.name, gate);
    }
    return gate;
  }

  return {
    acquire: (backend, enter) => gateOf(backend).acquire(backend.queueMs, enter),
    tableChanged(table) {
      const inForce = new Set<string>();
      for (const backend of [
        table.legacy,
        ...Object.values(table.features).map((feature) => feature.backend),
      ]) {
        inForce.add(backend.name);
        gateOf(backend).setLimit(backend.maxInFlight);
      }
      for (const [name, gate] of gates) if (!inForce.has(name) && gate.isEmpty()) gates.delete(name);
    },
    snapshot: () => [...gates.values()].map((gate) => gate.status()),
  };
}

interface Waiter {
  readonly enter: (admitted: boolean) => void;
  readonly timer: NodeJS.Timeout;
}

class Gate {
  readonly #backend: string;
  #limit: number;
  #inFlight = 0;
  /** In order of arrival; leaving from the middle is cheap. */
  readonly #waiting = new Set<Waiter>();

  constructor(backend: string, limit: number) {
    this.#backend = backend;
    this.#limit = limit;
  }

  acquire(queueMs: number, enter: (admitted: boolean) => void): () => void {
    if (this.#waiting.size === 0 && this.#hasRoom()) {
      this.#inFlight++;
      enter(true);
      return once(() => this.#leave());
    }
    if (queueMs === 0) {
      enter(false);
      return () => {};
    }
    return this.#wait(queueMs, enter);
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  isEmpty(): boolean {
    return this.#inFlight === 0 && this.#waiting.size === 0;
  }

  status(): CapacityStatus {
    const { size } = this.#waiting;
    return { backend: this.#backend, inFlight: this.#inFlight, maxInFlight: this.#limit, waiting: size };
  }

  #wait(queueMs: number, enter: (admitted: boolean) => void): () => void {
    let isIn = false;
    const waiter: Waiter = {
      enter: (admitted) => {
        isIn = admitted;
        enter(admitted);
      },
      timer: setTimeout(() => {
        this.#waiting.delete(waiter);
        waiter.enter(false);
      }, queueMs),
    };
    this.#waiting.add(waiter);
    return once(() => {
      if (isIn) return this.#leave();
      clearTimeout(waiter.timer);
      this.#waiting.delete(waiter);
    });
  }

  #hasRoom(): boolean {
    return this.#limit === 0 || this.#inFlight < this.#limit;
  }

  #leave(): void {
    this.#inFlight--;
    this.#admit();
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#waiting.delete(waiter);
      clearTimeout(waiter.timer);
      this.#inFlight++;
      waiter.enter(true);
    }
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
