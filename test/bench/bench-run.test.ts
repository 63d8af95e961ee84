/** The bench itself, from its command line: a tiny round, and what Ctrl-C leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../support/source-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** With a folder for temporary files of its own, so that what it leaves there can be seen. */
function bench(...args: string[]): ChildProcess {
  const tiny = ['--rounds', '1', '--seconds', '0.1', '--warm-up', '0.1'];
  return spawn(process.execPath, ['bench/run.mjs', ...tiny, ...args], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Command lines of processes that have to do with the folder. */
function processesOf(name: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(name));
}

/** What it wrote and how it ended. */
async function ended(child: ChildProcess): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes) => {
    text.stdout += bytes;
  });
  child.stderr?.on('data', (bytes) => {
    text.stderr += bytes;
  });
  await once(child, 'close');
  return { ...text, code: child.exitCode };
}

test('a tiny round with Banyan and the relay: nothing failed, nothing left behind', async () => {
  const out = path.join(folder, 'out');
  const child = bench('--only', 'small-64,up-1m', '--peers', 'banyan,relay', '--out', out);
  const { stdout, stderr, code } = await ended(child);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('### What Banyan takes of the others');
  const results = JSON.parse(readFileSync(path.join(out, 'performance.json'), 'utf8'));
  expect(results.slots).toHaveLength(4);
  for (const slot of results.slots) {
    expect(slot, slot.workload).toMatchObject({ failed: 0, reasons: [] });
    expect(slot.answered).toBeGreaterThan(0);
    expect(slot.cpuMicroseconds).toBeGreaterThan(1);
  }
  expect(results.leftOut).toEqual([]);
  expect(readFileSync(path.join(out, 'performance.svg'), 'utf8')).toContain('bare relay');
  expect(readdirSync(folder)).toEqual(['out']);
  expect(processesOf(folder)).toEqual([]);
}, 60_000);

test('Ctrl-C ends what it started and removes what it wrote', async () => {
  const child = bench('--only', 'small-64', '--peers', 'relay', '--rounds', '100');
  const exited = once(child, 'exit');
  await once(child.stderr ?? child, 'data');
  while (processesOf(folder).length === 0) await new Promise(setImmediate);
  child.kill('SIGINT');
  await exited;
  expect(child.exitCode).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  expect(processesOf(folder)).toEqual([]);
}, 60_000);

test('wrong usage is said, with what there is', async () => {
  const child = bench('--peers', 'apache');
  const { stderr, code } = await ended(child);
  expect(code).toBe(2);
  expect(stderr).toContain('--peers: "apache" is none of banyan,');
  expect(stderr).toContain('--against C');
});
