/**
 * The workers of a router, each with its number: started, replaced when one ends by itself, replaced one by one when that
 * is asked for. How a worker is started, drained and ended is handed in; here is only who has to be there.
 *
 *   1  [serving] ── ended by itself ──▶ a new one, at once; after several short lives, later and later
 *   2  [serving] ── restart ──▶ a new one serves ──▶ the old one drains ──▶ the next number
 */

/** One worker that serves. */
export interface CrewMember {
  readonly pid: number;
  /** Resolves when its process has ended, by whatever. */
  readonly ended: Promise<WorkerEnd>;
  /** Takes no more connections, finishes what it has, and ends. Resolves when its process has ended. */
  retire(): Promise<void>;
  kill(): void;
}

/** How a process ended. */
export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the crew needs. */
export interface CrewDeps {
  readonly workers: number;
  /** Starts the worker of a number (from 1); resolves when it serves. Rejects when it does not come so far. */
  readonly launch: (worker: number) => Promise<CrewMember>;
  readonly log: {
    info(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Why workers were replaced, with how often: `banyan_workers_replaced_total`. */
export type Replaced = { readonly [Reason in 'crash' | 'restart']: number };

/** A worker that lived so long did not end because of its start. */
const LONG_LIFE_MS = 60_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before a worker is started after so many short lives in a row: the first time not at all. */
export function waitAfter(shortLives: number): number {
  if (shortLives <= 1) return 0;
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (shortLives - 2));
}

interface Seat {
  /** From 1. */
  readonly worker: number;
  member: CrewMember | null;
  since: number;
  shortLives: number;
  /** A restart is putting a new one here. */
  isBeingReplaced: boolean;
}

/** Keeps every seat taken. */
export class Crew {
  readonly replaced: { crash: number; restart: number } = { crash: 0, restart: 0 };
  readonly #deps: CrewDeps;
  readonly #seats: Seat[];
  #isStopping = false;
  #restarting: Promise<void> | null = null;

  constructor(deps: CrewDeps) {
    this.#deps = deps;
    this.#seats = Array.from({ length: deps.workers }, (_, i) => newSeat(i + 1));
  }

  /** Workers that serve, one a seat. */
  get members(): CrewMember[] {
    return this.#seats.flatMap(({ member }) => (member === null ? [] : [member]));
  }

  /** Takes every seat. Rejects if one worker does not start: then nothing can be expected of further tries. */
  async start(): Promise<void> {
    await Promise.all(this.#seats.map(async (seat) => this.#sit(seat, await this.#deps.launch(seat.worker))));
  }

  /** Replaces all, one by one; a new one serves before the old one drains. A second call meanwhile does nothing. */
  restart(): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    this.#restarting ??= this.#replaceAll().finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  /** Nobody is replaced any more. */
  stop(): void {
    this.#isStopping = true;
  }

  #sit(seat: Seat, member: CrewMember): void {
    seat.member = member;
    seat.since = this.#deps.now();
    void member.ended.then((end) => this.#left(seat, member, end));
  }

  #left(seat: Seat, member: CrewMember, { code, signal }: WorkerEnd): void {
    if (seat.member !== member || this.#isStopping) return;
    seat.member = null;
    const livedMs = Math.round(this.#deps.now() - seat.since);
    seat.shortLives = livedMs < LONG_LIFE_MS ? seat.shortLives + 1 : 1;
    const fields = { worker: seat.worker, pid: member.pid, code, signal, lived_ms: livedMs };
    this.#deps.log.error(fields, 'a worker has ended by itself; its exchanges are lost');
    this.replaced.crash += 1;
    if (!seat.isBeingReplaced) void this.#refill(seat);
  }

  async #refill(seat: Seat): Promise<void> {
    while (seat.member === null && !this.#isStopping) {
      const waitMs = waitAfter(seat.shortLives);
      if (waitMs > 0) {
        const fields = { worker: seat.worker, short_lives: seat.shortLives, next_start_ms: waitMs };
        this.#deps.log.error(fields, 'a worker keeps ending: the next start waits');
        await this.#deps.wait(waitMs);
      }
      if (this.#isStopping) return;
      try {
        const member = await this.#deps.launch(seat.worker);
        this.#sit(seat, member);
        this.#deps.log.info({ worker: seat.worker, pid: member.pid }, 'a new worker serves');
      } catch (error) {
        seat.shortLives += 1;
        this.#deps.log.error({ worker: seat.worker, err: error }, 'a worker did not start');
      }
    }
  }

  async #replaceAll(): Promise<void> {
    const { log } = this.#deps;
    log.info({ workers: this.#seats.length }, 'workers are replaced, one by one');
    for (const seat of this.#seats) {
      if (this.#isStopping) return;
      // A seat that is empty is being filled with a new worker already.
      if (seat.member !== null && !(await this.#replace(seat))) {
        log.error({ worker: seat.worker }, 'the restart is given up: the other workers go on');
        return;
      }
    }
    log.info({ workers: this.#seats.length }, 'all workers are replaced');
  }

  async #replace(seat: Seat): Promise<boolean> {
    seat.isBeingReplaced = true;
    try {
      const next = await this.#deps.launch(seat.worker);
      const old = seat.member;
      this.#sit(seat, next);
      this.replaced.restart += 1;
      await old?.retire();
      return true;
    } catch (error) {
      this.#deps.log.error({ worker: seat.worker, err: error }, 'a worker did not start');
      if (seat.member === null) void this.#refill(seat);
      return false;
    } finally {
      seat.isBeingReplaced = false;
    }
  }
}

function newSeat(worker: number): Seat {
  return { worker, member: null, since: 0, shortLives: 0, isBeingReplaced: false };
}
