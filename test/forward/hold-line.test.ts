import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HoldLine } from '../../src/forward/hold-line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A line whose endpoints change when the test says so. */
function newLine(): { line: HoldLine; changed: () => void; listeners: () => number } {
  const listeners = new Set<() => void>();
  const line = new HoldLine((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  });
  return {
    line,
    changed: () => [...listeners].forEach((listener) => void listener()),
    listeners: () => listeners.size,
  };
}

it('one at a time tries, the longest waiting first, every 100 ms', () => {
  const { line } = newLine();
  const tries: string[] = [];
  const wait = (name: string): void =>
    void line.wait(() => {
      tries.push(name);
      wait(name);
    });
  for (const name of ['a', 'b', 'c']) wait(name);
  vi.advanceTimersByTime(450);
  expect(tries).toEqual(['a', 'b', 'c', 'a']);
});

it('a connection lets all go', () => {
  const { line, listeners } = newLine();
  const went: string[] = [];
  for (const name of ['a', 'b', 'c']) line.wait(() => void went.push(name));
  line.connected();
  expect(went).toEqual(['a', 'b', 'c']);
  expect(listeners()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('a change of endpoints is tried at once', () => {
  const { line, changed } = newLine();
  const went: string[] = [];
  line.wait(() => void went.push('a'));
  changed();
  expect(went).toEqual(['a']);
});

it('who leaves is not called, and the last one closes the line', () => {
  const { line, listeners } = newLine();
  const leave = line.wait(() => expect.unreachable());
  leave();
  leave();
  line.connected();
  vi.advanceTimersByTime(1000);
  expect(listeners()).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
