/**
 * Which worker gets a connection. node:cluster accepts in the primary and gives each connection to a worker that has
 * taken its last one; so in a burst the faster one gets more, one that was just started begins with few, and what is
 * on its way to a worker that is killed is forgotten: its client would wait for ever. So here a connection that cluster
 * gives to one worker goes to the one with the fewest instead, when the difference is large, and waits for a moment if
 * that one has just been given another; and what a killed worker had not taken yet goes to another.
 *
 *   cluster ── newconn, handle ──▶ deal ─▶ worker          (message.seq: cluster waits for its ack, from whomever)
 *   worker ── ack ──▶ it is the worker's                   killed before: dealt again
 *
 * It reads the messages by which cluster's primary and workers agree, which no document promises. They have been the
 * same in Node 12 to 26; in a version where they are others, nothing is recognised and cluster deals alone.
 */

/** A process that takes connections, as much of it as is needed. */
export interface Taker {
  send(...given: unknown[]): boolean;
  on(event: 'internalMessage', take: (message: unknown) => void): unknown;
  readonly connected: boolean;
}

interface Hand {
  readonly taker: Taker;
  /** As the process came with it. */
  readonly send: (...given: unknown[]) => boolean;
  /** On their way, by sequence number, oldest first. */
  readonly onTheWay: Map<number, OnTheWay>;
  /** Open, as the worker has last told; and taken since. */
  told: number;
  takenSince: number;
  isRetiring: boolean;
}

interface OnTheWay {
  readonly given: readonly unknown[];
  readonly since: number;
}

/** A worker that has not taken a connection for so long stands still: it gets no others, and none waits for it. */
const STILL_MS = 100;
/** How much more than the fewest one may have: a fifth, and two. */
const SLACK = 1.2;
const SLACK_CONNECTIONS = 2;

/** Deals connections among the workers that it is told of. */
export class ConnectionDealer {
  readonly #hands = new Map<Taker, Hand>();
  #waiting: { readonly chosen: Hand; readonly given: readonly unknown[] }[] = [];
  readonly #now: () => number;

  /** `now` is a monotonic clock, ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A process that was just forked: from now on it takes part, as soon as cluster gives it connections. */
  add(taker: Taker): void {
    const send = taker.send.bind(taker);
    const hand: Hand = {
      taker,
      send,
      onTheWay: new Map(),
      told: 0,
      takenSince: 0,
      isRetiring: true,
    };
    this.#hands.set(taker, hand);
    taker.send = (...given) => (isConnection(given) ? this.#deal(hand, given) : send(...given));
    taker.on('internalMessage', (message) => this.#acknowledged(hand, message));
  }

  /** It listens: others' connections may go to it as well. */
  serves(taker: Taker): void {
    this.#change(taker, { isRetiring: false });
  }

  /** It takes no more. */
  retires(taker: Taker): void {
    this.#change(taker, { isRetiring: true });
  }

  /** What a worker says of itself. */
  told(taker: Taker, open: number): void {
    this.#change(taker, { told: open, takenSince: 0 });
  }

  /** The process has ended: what it had not taken goes to others. */
  remove(taker: Taker): void {
    const gone = this.#hands.get(taker);
    if (gone === undefined) return;
    this.#hands.delete(taker);
    for (const { given } of gone.onTheWay.values()) {
      const next = this.#fewest();
      if (next === null) closeHandle(given);
      else this.#give(next, given);
    }
    this.#dealWaiting();
  }

  #change(taker: Taker, change: Partial<Pick<Hand, 'told' | 'takenSince' | 'isRetiring'>>): void {
    const hand = this.#hands.get(taker);
    if (hand !== undefined) Object.assign(hand, change);
  }

  #deal(chosen: Hand, given: readonly unknown[]): true {
    const hand = this.#pick(chosen);
    if (hand !== null) {
      this.#give(hand, given);
    } else {
      this.#waiting.push({ chosen, given });
      setTimeout(() => this.#dealWaiting(), STILL_MS + 1);
    }
    return true;
  }

  /** Who gets it now; null: it waits for the one who should. */
  #pick(chosen: Hand): Hand | null {
    const fewest = this.#fewest();
    if (fewest === null) return chosen;
    const most = SLACK * connectionsOf(fewest) + SLACK_CONNECTIONS;
    const mayHave = (hand: Hand): boolean => this.#takes(hand) && connectionsOf(hand) <= most;
    if (mayHave(chosen) && chosen.onTheWay.size === 0) return chosen;
    if (fewest.onTheWay.size === 0) return fewest;
    const idle = [...this.#hands.values()].find((hand) => hand.onTheWay.size === 0 && mayHave(hand));
    return idle ?? null;
  }

  #dealWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { chosen, given } of waiting) {
      const hand = this.#pick(chosen);
      if (hand === null) this.#waiting.push({ chosen, given });
      else if (this.#hands.has(hand.taker)) this.#give(hand, given);
      else closeHandle(given);
    }
  }

  #give(hand: Hand, given: readonly unknown[]): void {
    hand.onTheWay.set(sequenceOf(given), { given, since: this.#now() });
    hand.send(...given);
  }

  #fewest(): Hand | null {
    let fewest: Hand | null = null;
    for (const hand of this.#hands.values()) {
      if (!this.#takes(hand)) continue;
      if (fewest === null || connectionsOf(hand) < connectionsOf(fewest)) fewest = hand;
    }
    return fewest;
  }

  #takes({ isRetiring, taker, onTheWay }: Hand): boolean {
    const oldest = onTheWay.values().next().value;
    const standsStill = oldest !== undefined && this.#now() - oldest.since > STILL_MS;
    return !isRetiring && taker.connected && !standsStill;
  }

  #acknowledged(hand: Hand, message: unknown): void {
    const { cmd, ack, accepted } = message as { cmd?: unknown; ack?: unknown; accepted?: unknown };
    if (cmd !== CLUSTER || typeof ack !== 'number' || !hand.onTheWay.delete(ack)) return;
    if (accepted === true) hand.takenSince += 1;
    this.#dealWaiting();
  }
}

const CLUSTER = 'NODE_CLUSTER';

interface NewConnection {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
}

function isConnection([message, handle]: readonly unknown[]): boolean {
  if (typeof message !== 'object' || message === null || typeof handle !== 'object' || handle === null)
    return false;
  const { cmd, act, seq } = message as NewConnection;
  return cmd === CLUSTER && act === 'newconn' && typeof seq === 'number';
}

function sequenceOf([message]: readonly unknown[]): number {
  return (message as { seq: number }).seq;
}

function closeHandle([, handle]: readonly unknown[]): void {
  (handle as { close?: () => void }).close?.();
}

function connectionsOf({ told, takenSince, onTheWay }: Hand): number {
  return told + takenSince + onTheWay.size;
}
