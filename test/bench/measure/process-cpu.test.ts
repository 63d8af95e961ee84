import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  cpuOf,
  processesOfGroup,
  residentBytes,
  secondsBetween,
} from '../../../bench/measure/process-cpu.ts';

const WORKER = 'for (const end = Date.now() + 300; Date.now() < end; );';
const PARENT = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${WORKER} console.log(1); setInterval(() => {}, 1e3)`)}], { stdio: 'inherit' })`;

test('the children of a process are in its group, and their work counts', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = parent.pid ?? 0;
  try {
    await once(parent.stdout, 'data');
    const group = processesOfGroup(pid);
    expect(group).toHaveLength(2);
    const [alone, all] = [cpuOf([pid]), cpuOf(group)].map((used) => secondsBetween(new Map(), used));
    expect((all ?? 0) - (alone ?? 0)).toBeGreaterThan(0.1);
    expect(residentBytes(group)).toBeGreaterThan(residentBytes([pid]));
  } finally {
    process.kill(-pid, 'SIGKILL');
  }
});

test('a process that has gone costs nothing', () => {
  expect(cpuOf([2 ** 22 + 1]).size).toBe(0);
  expect(processesOfGroup(2 ** 22 + 1)).toEqual([]);
});

test('a thread that ends takes nothing away from what the others used, and a new one counts whole', () => {
  const before = new Map([
    ['1/1', 10],
    ['1/2', 7],
  ]);
  const after = new Map([
    ['1/1', 10.5],
    ['1/3', 0.25],
  ]);
  expect(secondsBetween(before, after)).toBeCloseTo(0.75);
});
