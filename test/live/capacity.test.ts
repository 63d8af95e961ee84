import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCapacity } from '../../src/live/capacity.ts';
import { plainBackend, tableOf } from '../support/plain-backend.ts';

const backend = (maxInFlight: number, queueMs = 0, name = 'legacy') =>
  plainBackend(name, ['http://10.0.0.1'], { maxInFlight, queueMs });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Takes a place and writes down what came of it. */
function taking(capacity: ReturnType<typeof createCapacity>, log: string[]) {
  return (name: string, of = backend(1, 1_000)) =>
    capacity.acquire(of, (admitted) => log.push(`${name} ${admitted ? 'in' : 'refused'}`));
}

describe('capacity', () => {
  it('admits everyone at once where there is no limit', () => {
    const capacity = createCapacity();
    let admitted = 0;
    for (let i = 0; i < 1_000; i++) capacity.acquire(backend(0), (ok) => (admitted += ok ? 1 : 0));
    expect(admitted).toBe(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses at once above the limit without a queue', () => {
    const log: string[] = [];
    const take = taking(createCapacity(), log);
    const leave = take('a', backend(1));
    take('b', backend(1));
    leave();
    take('c', backend(1));
    expect(log).toEqual(['a in', 'b refused', 'c in']);
  });

  it('lets waiters in first come, first served, and nobody past them', () => {
    const log: string[] = [];
    const take = taking(createCapacity(), log);
    const leave = [take('a'), take('b'), take('c')];
    leave[0]!();
    take('d');
    leave[1]!();
    leave[2]!();
    expect(log).toEqual(['a in', 'b in', 'c in', 'd in']);
  });

  it('refuses a waiter when its time is up, and only that one', () => {
    const log: string[] = [];
    const take = taking(createCapacity(), log);
    const leave = take('a');
    take('b');
    vi.advanceTimersByTime(600);
    take('c');
    vi.advanceTimersByTime(400);
    expect(log).toEqual(['a in', 'b refused']);
    leave();
    expect(log).toEqual(['a in', 'b refused', 'c in']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('forgets a waiter that left the line, and its timer', () => {
    const log: string[] = [];
    const take = taking(createCapacity(), log);
    const leave = take('a');
    take('b')();
    expect(vi.getTimerCount()).toBe(0);
    take('c');
    leave();
    expect(log).toEqual(['a in', 'c in']);
  });

  it('gives a place back once, however often it is told to', () => {
    const log: string[] = [];
    const capacity = createCapacity();
    const take = taking(capacity, log);
    const leave = take('a');
    leave();
    leave();
    take('b', backend(1));
    take('c', backend(1));
    expect(log).toEqual(['a in', 'b in', 'c refused']);
  });

  it('counts each backend by its name', () => {
    const log: string[] = [];
    const take = taking(createCapacity(), log);
    take('a', backend(1, 0, 'legacy'));
    take('b', backend(1, 0, 'orders'));
    take('c', backend(1, 0, 'orders'));
    expect(log).toEqual(['a in', 'b in', 'c refused']);
  });

  it('lets waiters in when a reload raises the limit, and all when it takes it away', () => {
    const log: string[] = [];
    const capacity = createCapacity();
    const take = taking(capacity, log);
    capacity.tableChanged(tableOf(backend(1, 1_000)));
    for (const name of ['a', 'b', 'c', 'd', 'e']) take(name);
    capacity.tableChanged(tableOf(backend(3, 1_000)));
    expect(log).toEqual(['a in', 'b in', 'c in']);
    capacity.tableChanged(tableOf(backend(0)));
    expect(log).toEqual(['a in', 'b in', 'c in', 'd in', 'e in']);
  });

  it('counts what was in flight before a reload brought a limit', () => {
    const log: string[] = [];
    const capacity = createCapacity();
    const take = taking(capacity, log);
    const leave = take('a', backend(0));
    capacity.tableChanged(tableOf(backend(1)));
    take('b', backend(1));
    leave();
    take('c', backend(1));
    expect(log).toEqual(['a in', 'b refused', 'c in']);
  });

  it('goes by the limit in force, also for requests of the table before', () => {
    const log: string[] = [];
    const capacity = createCapacity();
    const take = taking(capacity, log);
    const old = backend(5);
    capacity.tableChanged(tableOf(backend(1)));
    take('a', old);
    take('b', old);
    expect(log).toEqual(['a in', 'b refused']);
  });

  it('serves out a backend that a reload dropped, then forgets it', () => {
    const log: string[] = [];
    const capacity = createCapacity();
    const take = taking(capacity, log);
    const orders = backend(1, 1_000, 'orders');
    const leave = take('a', orders);
    take('b', orders);
    capacity.tableChanged(tableOf(backend(0)));
    leave();
    expect(log).toEqual(['a in', 'b in']);
    expect(capacity.snapshot().map((status) => status.backend)).toContain('orders');
  });

  it('shows how full each backend is', () => {
    const capacity = createCapacity();
    const take = taking(capacity, []);
    take('a');
    take('b');
    expect(capacity.snapshot()).toEqual([{ backend: 'legacy', inFlight: 1, maxInFlight: 1, waiting: 1 }]);
  });
});

type Step =
  | { readonly kind: 'arrive'; readonly queueMs: number }
  | { readonly kind: 'leave'; readonly which: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'limit'; readonly limit: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('arrive' as const),
        queueMs: fc.integer({ min: 0, max: 50 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('limit' as const), limit: fc.integer({ min: 1, max: 5 }) }),
    },
  ),
  { maxLength: 80 },
);

interface Guest {
  state: 'waiting' | 'in' | 'refused' | 'gone';
  leave: () => void;
}

/** What must hold after every step, over every guest that ever came. */
class House {
  readonly capacity = createCapacity();
  readonly guests: Guest[] = [];
  limit = 0;

  run(step: Step): void {
    if (step.kind === 'limit') this.setLimit(step.limit);
    else if (step.kind === 'wait') vi.advanceTimersByTime(step.ms);
    else if (step.kind === 'arrive') this.arrive(step.queueMs);
    else this.leave(step.which);
    if (this.inside() < this.limit) expect(this.waiting(this.guests)).toEqual([]);
  }

  setLimit(to: number): void {
    this.limit = to;
    this.capacity.tableChanged(tableOf(backend(to)));
  }

  waiting(among: readonly Guest[]): readonly Guest[] {
    return among.filter((guest) => guest.state === 'waiting');
  }

  private inside(): number {
    return this.guests.filter((guest) => guest.state === 'in').length;
  }

  private arrive(queueMs: number): void {
    const guest: Guest = { state: 'waiting', leave: () => {} };
    this.guests.push(guest);
    guest.leave = this.capacity.acquire(backend(this.limit, queueMs), (ok) => this.told(guest, ok));
    if (queueMs === 0) expect(guest.state).not.toBe('waiting');
  }

  private told(guest: Guest, isIn: boolean): void {
    expect(guest.state).toBe('waiting');
    guest.state = isIn ? 'in' : 'refused';
    if (!isIn) return;
    expect(this.inside()).toBeLessThanOrEqual(this.limit);
    expect(this.waiting(this.guests.slice(0, this.guests.indexOf(guest)))).toEqual([]);
  }

  private leave(which: number): void {
    const guest = this.guests[which % this.guests.length];
    if (guest === undefined) return;
    if (guest.state !== 'refused') guest.state = 'gone';
    guest.leave();
  }
}

describe('capacity, whatever happens', () => {
  it('lets nobody in above the limit, loses nobody, and keeps the order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (limit, script) => {
        const house = new House();
        house.setLimit(limit);
        for (const step of script) house.run(step);
        vi.advanceTimersByTime(100);
        expect(house.waiting(house.guests)).toEqual([]);
        for (const guest of house.guests) guest.leave();
        expect(house.capacity.snapshot()[0]).toMatchObject({ inFlight: 0, waiting: 0 });
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
