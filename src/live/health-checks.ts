/**
 * Active checks: each endpoint of a backend with `health` is asked, again and again, whether it is well. One question
 * at a time for each; the next one `interval` after the last began (give or take a tenth, so that many routers and
 * endpoints spread out), or when the last is over, whichever is later.
 *
 * An endpoint begins `unchecked`: it is used if nothing better is there. The first answer decides alone, so that a
 * replica that is not ready is out at once; from then on it takes `healthy_after` or `unhealthy_after` in a row.
 */
import type { Backend, HealthCheck } from '../model/route-table.ts';
import type { LiveEndpoint } from './live-endpoint.ts';

/** Asks once; `done` gets what is wrong, in words, or null. Returns how to give up; then nothing is told. */
export type CheckEndpoint = (
  endpoint: LiveEndpoint,
  how: { readonly backend: Backend; readonly health: HealthCheck },
  done: (problem: string | null) => void,
) => () => void;

/** What checking needs. */
export interface HealthChecksOptions {
  readonly check: CheckEndpoint;
  /** 0 … 1 */
  readonly random: () => number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly time: () => number;
}

/** The endpoints of a backend of the table in force. */
export interface CheckedSet {
  readonly backend: Backend;
  readonly endpoints: readonly LiveEndpoint[];
}

/** All checks of the router. */
export class HealthChecks {
  readonly #running = new Map<LiveEndpoint, Checking>();
  readonly #options: HealthChecksOptions;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
  }

  /** Checks the endpoints of these sets, and no others. Who is checked in the same way as before goes on. */
  follow(sets: Iterable<CheckedSet>): void {
    const wanted = new Set<LiveEndpoint>();
    for (const { backend, endpoints } of sets) {
      const { health } = backend;
      if (health === null) continue;
      for (const endpoint of endpoints) {
        wanted.add(endpoint);
        this.#start(endpoint, backend, health);
      }
    }
    for (const endpoint of [...this.#running.keys()]) if (!wanted.has(endpoint)) this.#stop(endpoint);
  }

  close(): void {
    for (const endpoint of [...this.#running.keys()]) this.#stop(endpoint);
  }

  #start(endpoint: LiveEndpoint, backend: Backend, health: HealthCheck): void {
    const known = this.#running.get(endpoint);
    if (known !== undefined && JSON.stringify(known.health) === JSON.stringify(health)) {
      known.backend = backend;
      return;
    }
    if (known !== undefined) this.#stop(endpoint);
    const checking = new Checking(endpoint, { backend, health }, this.#options);
    this.#running.set(endpoint, checking);
    checking.start();
  }

  #stop(endpoint: LiveEndpoint): void {
    this.#running.get(endpoint)?.stop();
    this.#running.delete(endpoint);
  }
}

/** The first questions to many endpoints are spread over this, at most. */
const FIRST_WITHIN_MS = 200;

class Checking {
  backend: Backend;
  readonly health: HealthCheck;
  readonly #endpoint: LiveEndpoint;
  readonly #options: HealthChecksOptions;
  /** In a row: positive when they were good, negative when bad. */
  #row = 0;
  #timer: NodeJS.Timeout | undefined;
  #giveUp: (() => void) | null = null;

  constructor(
    endpoint: LiveEndpoint,
    of: { readonly backend: Backend; readonly health: HealthCheck },
    options: HealthChecksOptions,
  ) {
    this.#endpoint = endpoint;
    this.backend = of.backend;
    this.health = of.health;
    this.#options = options;
  }

  start(): void {
    this.#endpoint.checked('unchecked', null);
    this.#askIn(Math.min(this.health.intervalMs, FIRST_WITHIN_MS) * this.#options.random());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#giveUp?.();
    this.#giveUp = null;
    this.#endpoint.checked(null, null);
    this.#endpoint.nextCheckAt = null;
  }

  #askIn(ms: number): void {
    this.#endpoint.nextCheckAt = this.#options.time() + ms;
    this.#timer = setTimeout(() => this.#ask(), ms).unref();
  }

  #ask(): void {
    const { check, now, random } = this.#options;
    const startedAt = now();
    this.#giveUp = check(this.#endpoint, this, (problem) => {
      this.#giveUp = null;
      this.#judge(problem);
      const dueMs = this.health.intervalMs * (0.9 + 0.2 * random());
      this.#askIn(Math.max(0, dueMs - (now() - startedAt)));
    });
  }

  #judge(problem: string | null): void {
    const isGood = problem === null;
    const { health } = this.#endpoint;
    this.#row = isGood ? Math.max(this.#row, 0) + 1 : Math.min(this.#row, 0) - 1;
    const needed = isGood ? this.health.healthyAfter : this.health.unhealthyAfter;
    if (health !== 'unchecked' && Math.abs(this.#row) < needed) return;
    this.#endpoint.checked(isGood ? 'healthy' : 'unhealthy', problem);
  }
}
