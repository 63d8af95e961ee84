/**
 * Keeps asking for the addresses of names. One question at a time per name, however many backends share it; every
 * two seconds or so, since a container's address changes without notice and no TTL tells when (Docker's says 600 s);
 * and soon after a connection failed. What was found last stays until something else is found: a name server that is
 * down, silent, or says that there is no such name takes no endpoint away.
 */
import type { NameStatus } from '../model/backend-status.ts';
import type { NotResolved, Resolved } from './resolve-name.ts';

/** A name that is being watched. */
export interface WatchedName {
  /** IPv4 first; null: none was ever found. */
  addresses(): readonly string[] | null;
  status(): NameStatus;
  /** The first question was answered, or failed. */
  readonly asked: Promise<void>;
  stop(): void;
}

/** Asks for names again and again, each as long as somebody watches it. */
export interface Discovery {
  /** Watches a name until stopped; calls back whenever its addresses changed. */
  watch(host: string, changed: () => void): WatchedName;
  /** A connection to one of its addresses failed: ask again, but not more often than `minGapMs`. */
  askSoon(host: string): void;
  close(): void;
}

/** What discovery needs. */
export interface DiscoveryOptions {
  /** Never throws. */
  readonly resolve: (host: string, last: Resolved | null) => Promise<Resolved | NotResolved>;
  readonly everyMs: number;
  /** Between the starts of two questions for one name. */
  readonly minGapMs: number;
  /** 0 … 1 */
  readonly random: () => number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Wall clock, ms. */
  readonly time: () => number;
  /** Told once of each change: other addresses, the first failure after an answer, the first answer after it. */
  readonly onChange: (change: NameChange) => void;
}

/** What changed about a name, for the log. */
export interface NameChange {
  readonly host: string;
  /** Why it cannot be resolved now; null: it can. */
  readonly problem: string | null;
  /** In use, perhaps from before. */
  readonly addresses: readonly string[];
}

/** Starts with no names. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const names = new Map<string, Name>();
  return {
    watch(host, changed) {
      let name = names.get(host);
      if (name === undefined) {
        name = new Name(host, options);
        names.set(host, name);
      }
      name.listeners.add(changed);
      return watched(name, () => {
        name.listeners.delete(changed);
        if (name.listeners.size > 0) return;
        name.stop();
        if (names.get(host) === name) names.delete(host);
      });
    },
    askSoon: (host) => names.get(host)?.askSoon(),
    close() {
      for (const name of names.values()) name.stop();
      names.clear();
    },
  };
}

function watched(name: Name, stop: () => void): WatchedName {
  return { addresses: () => name.addresses, status: () => name.status(), asked: name.asked, stop };
}

class Name {
  readonly listeners = new Set<() => void>();
  addresses: readonly string[] | null = null;
  readonly asked: Promise<void>;
  readonly #host: string;
  readonly #options: DiscoveryOptions;
  #last: Resolved | null = null;
  #answeredAt: number | null = null;
  #problem: string | null = null;
  #asking = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** When the next question is due, if none is open. */
  #dueAt = Number.POSITIVE_INFINITY;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: string, options: DiscoveryOptions) {
    this.#host = host;
    this.#options = options;
    this.asked = this.#ask();
  }

  status(): NameStatus {
    return { host: this.#host, answeredAt: this.#answeredAt, problem: this.#problem };
  }

  askSoon(): void {
    if (this.#asking || this.#stopped) return;
    const { now, minGapMs } = this.#options;
    const dueAt = Math.max(now(), this.#askedAt + minGapMs);
    // Not if it is due as early already: a storm of failures would put it off again and again.
    if (dueAt < this.#dueAt) this.#askAt(dueAt);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    this.#askedAt = this.#options.now();
    const found = await this.#options.resolve(this.#host, this.#last);
    this.#asking = false;
    if (this.#stopped) return;
    this.#askAt(this.#nextAt());
    this.#take(found);
  }

  #askAt(dueAt: number): void {
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => void this.#ask(), Math.ceil(dueAt - this.#options.now()));
    this.#timer.unref();
  }

  /** Counted from the start of the last question, up to a tenth earlier or later, so that names spread out. */
  #nextAt(): number {
    const { everyMs, minGapMs, random, now } = this.#options;
    return Math.max(now() + minGapMs, this.#askedAt + everyMs * (0.9 + 0.2 * random()));
  }

  #take(found: Resolved | NotResolved): void {
    const problem = 'problem' in found ? found.problem : null;
    const isNews = (problem === null) !== (this.#problem === null);
    this.#problem = problem;
    const hasMoved = !('problem' in found) && this.#move(found);
    if (isNews || hasMoved)
      this.#options.onChange({ host: this.#host, problem, addresses: this.addresses ?? [] });
    if (hasMoved) for (const changed of [...this.listeners]) changed();
  }

  /** True if the addresses are others than before. */
  #move(found: Resolved): boolean {
    this.#answeredAt = this.#options.time();
    this.#last = found;
    const addresses = [...found.v4, ...found.v6];
    if (isSame(addresses, this.addresses)) return false;
    this.addresses = addresses;
    return true;
  }
}

function isSame(left: readonly string[], right: readonly string[] | null): boolean {
  return right !== null && left.length === right.length && left.every((value, i) => value === right[i]);
}
