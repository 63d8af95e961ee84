import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MISMATCH_LOG, MismatchLog } from '../../src/compare/mismatch-log.ts';
import type { MismatchSample } from '../../src/model/shadow-report.ts';
import { differs } from './reports.ts';

let folder: string;
let file: string;
const troubles: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-mismatches-'));
  file = path.join(folder, 'state', MISMATCH_LOG);
  troubles.length = 0;
});
afterEach(() => rm(folder, { recursive: true }));

const logOf = (maxBytes: number, at = file): MismatchLog =>
  new MismatchLog({ path: at, maxBytes, onTrouble: (error) => troubles.push(error) });

const sampleOf = (n: number): MismatchSample => ({
  time: 1_700_000_000_000 + n,
  requestId: `r${n}`,
  method: 'GET',
  target: `/a?n=${n}`,
  servedBy: 'legacy',
  legacyMs: 1.0489999,
  featureMs: 2,
  differences: [differs('$.a')],
});

it('writes a line for each, for its owner alone', async () => {
  const log = logOf(1_000_000);
  log.add('search', 'list', [sampleOf(1), sampleOf(2)]);
  await log.close();
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0] as string)).toEqual({
    time: '2023-11-14T22:13:20.001Z',
    feature: 'search',
    route: 'list',
    request_id: 'r1',
    method: 'GET',
    path: '/a?n=1',
    served_by: 'legacy',
    legacy_ms: 1,
    feature_ms: 2,
    differences: [differs('$.a')],
  });
  expect((await stat(file)).mode & 0o077).toBe(0);
});

it('keeps no more than it may, the latest, also over a restart', async () => {
  for (let n = 0; n < 40; n++) {
    const log = logOf(4_000);
    log.add('search', 'list', [sampleOf(2 * n)]);
    log.add('search', 'list', [sampleOf(2 * n + 1)]);
    await log.close();
  }
  const files = await readdir(path.dirname(file));
  expect(files.sort()).toEqual([MISMATCH_LOG, `${MISMATCH_LOG}.1`]);
  const texts = await Promise.all(files.map((name) => readFile(path.join(path.dirname(file), name), 'utf8')));
  expect(texts.join('').length).toBeLessThanOrEqual(4_000);
  expect(texts[0]).toContain('"request_id":"r79"');
});

it('says once that it cannot write, and loses nothing but lines', async () => {
  const blocked = path.join(folder, 'file');
  await writeFile(blocked, '');
  const log = logOf(1_000, path.join(blocked, MISMATCH_LOG));
  for (let n = 0; n < 5; n++) {
    log.add('search', 'list', [sampleOf(n)]);
    await log.close();
  }
  expect(troubles).toHaveLength(1);
});

it('drops what the disk is too slow for', async () => {
  const log = logOf(100_000_000);
  const many = Array.from({ length: 100 }, (_, n) => sampleOf(n));
  for (let i = 0; i < 200; i++) log.add('search', 'list', many);
  await log.close();
  expect((await stat(file)).size).toBeLessThan(2_100_000);
});
