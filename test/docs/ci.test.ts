/** What CI counts, and that what it calls is there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ROOT } from '../support/source-files.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'banyan-ci-'));
afterAll(() => rmSync(folder, { recursive: true }));

function counted(report: object | null, exitCode: number): string {
  const file = path.join(folder, 'report.json');
  if (report === null) rmSync(file, { force: true });
  else writeFileSync(file, JSON.stringify(report));
  const args = [path.join(ROOT, 'scripts/count-tests.mjs'), file, String(exitCode)];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

test('passed tests are counted, and everything else has failed', () => {
  expect(counted({ numTotalTests: 7, numPassedTests: 7 }, 0)).toBe('7 passed, 0 failed\n');
  expect(counted({ numTotalTests: 7, numPassedTests: 5 }, 1)).toBe('5 passed, 2 failed\n');
  // Skipped ones: vitest is content with them.
  expect(counted({ numTotalTests: 7, numPassedTests: 5 }, 0)).toBe('5 passed, 2 failed\n');
});

test('a run that ended badly has failed, whatever its tests say', () => {
  expect(counted({ numTotalTests: 7, numPassedTests: 7 }, 1)).toBe('7 passed, 1 failed\n');
  expect(counted({ numTotalTests: 0, numPassedTests: 0 }, 0)).toBe('0 passed, 1 failed\n');
  expect(counted(null, 124)).toBe('0 passed, 1 failed\n');
});

test('.ci/run can be run, and calls npm scripts that there are', () => {
  const file = path.join(ROOT, '.ci/run');
  accessSync(file, constants.X_OK);
  expect(spawnSync('bash', ['-n', file]).status).toBe(0);
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const text = readFileSync(file, 'utf8');
  const called = [
    ...[...text.matchAll(/npm run --silent ([a-z:]+)/g)].map(([, name]) => name),
    ...[...text.matchAll(/suite '[^']+' \d+ ([a-z:]+)/g)].map(([, name]) => name),
  ];
  expect(called.sort()).toEqual(['lint', 'test', 'test:docker', 'test:fastify', 'typecheck']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(called));
});
