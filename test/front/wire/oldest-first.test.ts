import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import type { Held } from '../../../src/front/held.ts';
import { OldestFirst } from '../../../src/front/wire/oldest-first.ts';

/** A connection that can go, or not; says when it did. */
function held(isSpare: boolean, ended: Held[]): Held {
  const one = {
    isSpare,
    expire: () => void ended.push(one as unknown as Held),
    socket: { destroySoon: () => {} },
  };
  return one as unknown as Held;
}

it('ends the oldest that can go, and goes on behind it', () => {
  const ended: Held[] = [];
  const [busy, first, second] = [held(false, ended), held(true, ended), held(true, ended)];
  const oldestFirst = new OldestFirst(new Set([busy, first, second]));
  expect([oldestFirst.makeRoom(), oldestFirst.makeRoom()]).toEqual([true, true]);
  expect(ended).toEqual([first, second]);
});

it('begins anew after a rest, and when it has gone round', () => {
  const ended: Held[] = [];
  const all = [held(true, ended), held(true, ended)];
  const oldestFirst = new OldestFirst(new Set(all));
  oldestFirst.makeRoom();
  oldestFirst.rest();
  oldestFirst.makeRoom();
  oldestFirst.makeRoom();
  oldestFirst.makeRoom();
  expect(ended).toEqual([all[0], all[0], all[1], all[0]]);
});

it('finds nobody where nobody can go', () => {
  expect(new OldestFirst(new Set()).makeRoom()).toBe(false);
  expect(new OldestFirst(new Set([held(false, [])])).makeRoom()).toBe(false);
});

it('ends the oldest slow one where all have requests under way', () => {
  const destroyed: number[] = [];
  const busy = (index: number, isSlow: boolean): Held =>
    ({
      isSpare: false,
      isSlow: () => isSlow,
      socket: { destroy: () => destroyed.push(index) },
    }) as unknown as Held;
  const all = new Set([busy(0, false), busy(1, true), busy(2, true)]);
  expect(new OldestFirst(all).makeRoom()).toBe(true);
  expect(destroyed).toEqual([1]);
});

it('an iterator that rests keeps what has left its set: why it is let go of', () => {
  const script = `
    const set = new Set([{}]);
    const left = [];
    const round = process.argv[1] === 'kept' ? set.values() : null;
    const open = [];
    for (let i = 0; i < 5000; i++) {
      const one = {};
      left.push(new WeakRef(one));
      set.add(one);
      open.push(one);
      if (open.length > 50) set.delete(open.shift());
    }
    setTimeout(() => { gc(); console.log(left.filter((one) => one.deref() !== undefined).length > 100); void round; }, 10);
  `;
  const run = (how: string): string =>
    execFileSync(process.execPath, ['--expose-gc', '-e', script, how], { encoding: 'utf8' }).trim();
  expect([run('kept'), run('let go')]).toEqual(['true', 'false']);
});
