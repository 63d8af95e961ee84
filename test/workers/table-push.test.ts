import { describe, expect, it } from 'vitest';
import { LoadedAssembly } from '../../src/config/loaded-parts.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import type { ToPrimary, ToWorker } from '../../src/workers/messages.ts';
import { TablePush, type TableTaker } from '../../src/workers/table-push.ts';
import { tableOf } from '../support/table.ts';

/** A worker as far as tables go. */
class FakeTaker implements TableTaker {
  isGone = false;
  readonly ended: Promise<unknown>;
  readonly heard: string[] = [];
  ready: RouteTable | null = null;
  used: RouteTable | null = null;
  behaviour: 'well' | 'refuses' | 'silent' = 'well';
  isKilled = false;
  onReady = (): void => {};
  end!: () => void;
  #assembly = new LoadedAssembly();

  constructor() {
    this.ended = new Promise<void>((resolve) => {
      this.end = () => {
        this.isGone = true;
        resolve();
      };
    });
  }

  tell(message: ToWorker): void {
    this.heard.push(message.kind);
  }

  async ask<Kind extends ToPrimary['kind']>(message: ToWorker): Promise<Extract<ToPrimary, { kind: Kind }>> {
    this.heard.push(message.kind);
    if (this.behaviour === 'silent') throw new Error('silent');
    return this.#answer(message) as Extract<ToPrimary, { kind: Kind }>;
  }

  kill(): void {
    this.isKilled = true;
    this.end();
  }

  #answer(message: ToWorker): ToPrimary {
    if (message.kind === 'table_use') {
      this.used = this.ready;
      return { kind: 'table_used' };
    }
    if (message.kind === 'table_drop') {
      this.ready = this.used;
      return { kind: 'table_failed', reason: 'dropped' };
    }
    if (message.kind !== 'table_part') throw new Error(message.kind);
    const loaded = this.#assembly.add(JSON.parse(JSON.stringify(message.part)));
    if (loaded === null) return { kind: 'next_part' };
    this.#assembly = new LoadedAssembly();
    if (this.behaviour === 'refuses') return { kind: 'table_failed', reason: 'a fault' };
    this.ready = loaded.table;
    this.onReady();
    return { kind: 'table_ready' };
  }
}

const table = (revision: string, routes = 1): RouteTable =>
  tableOf(
    Array.from({ length: routes }, (_, i) => ({ prefix: `/${i}`, to: 'orders' })),
    { revision },
  );

async function crewOf(count: number): Promise<{ push: TablePush; takers: FakeTaker[] }> {
  const push = new TablePush();
  await push.push(table('first'));
  const takers = Array.from({ length: count }, () => new FakeTaker());
  for (const taker of takers) await push.join(taker);
  return { push, takers };
}

describe('a push', () => {
  it('brings one table to all, whole, as it was', async () => {
    const { push, takers } = await crewOf(2);
    const large = table('large', 1_000);
    await push.push(large);
    for (const taker of takers) expect(taker.used).toEqual(large);
    expect(takers[0]!.heard.filter((kind) => kind === 'table_part').length).toBeGreaterThan(5);
  });

  it('is used by nobody before all are ready', async () => {
    const { push, takers } = await crewOf(3);
    for (const taker of takers) {
      taker.onReady = () =>
        expect(takers.map(({ used }) => used?.revision)).toEqual(['first', 'first', 'first']);
    }
    await push.push(table('second'));
    expect(takers.map(({ used }) => used?.revision)).toEqual(['second', 'second', 'second']);
  });

  it('is used by nobody if one cannot take it', async () => {
    const { push, takers } = await crewOf(2);
    takers[1]!.behaviour = 'refuses';
    await expect(push.push(table('second'))).rejects.toThrow('a fault');
    expect(takers.map(({ used }) => used?.revision)).toEqual(['first', 'first']);
    takers[1]!.behaviour = 'well';
    await push.push(table('third'));
    expect(takers.map(({ used }) => used?.revision)).toEqual(['third', 'third']);
  });

  it('goes on without a worker that is silent: that one is ended', async () => {
    const { push, takers } = await crewOf(2);
    takers[0]!.behaviour = 'silent';
    await push.push(table('second'));
    expect(takers[0]!.isKilled).toBe(true);
    expect(takers[1]!.used?.revision).toBe('second');
  });

  it('and a join wait for each other: who comes meanwhile gets the newest', async () => {
    const { push } = await crewOf(1);
    const late = new FakeTaker();
    const pushed = push.push(table('second'));
    await Promise.all([pushed, push.join(late), push.push(table('third'))]);
    expect(late.used?.revision).toBe('third');
  });

  it('does not ask who has ended', async () => {
    const { push, takers } = await crewOf(2);
    takers[0]!.end();
    await push.push(table('second'));
    expect(takers[0]!.used?.revision).toBe('first');
  });
});

it('a worker that cannot take the first table does not join', async () => {
  const push = new TablePush();
  await push.push(table('first'));
  const taker = new FakeTaker();
  taker.behaviour = 'refuses';
  await expect(push.join(taker)).rejects.toThrow('a fault');
});
