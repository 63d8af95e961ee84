import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { PART_ENTRIES, partsOf } from '../../src/config/loaded-parts.ts';
import { LoadThread } from '../../src/config/parse-in-thread.ts';
import { type ParseInput, parseRoutes } from '../../src/config/parse-routes.ts';

const WORKER = new URL('../../dist/load-worker.js', import.meta.url);
const threads: LoadThread[] = [];

afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
});

function start(
  ...limits: ConstructorParameters<typeof LoadThread> extends [URL, ...infer L] ? L : never
): LoadThread {
  const thread = new LoadThread(WORKER, ...limits);
  threads.push(thread);
  return thread;
}

function inputOf(text: string): ParseInput {
  return { text, file: 'routes.yaml', env: {}, legacyOnlyFile: null };
}

function manyRoutes(count: number): string {
  const route = (i: number): string =>
    `  - match:\n      prefix: /area${i % 500}/part${i}\n    to: f${i % 100}\n`;
  const feature = (i: number): string => `  f${i}:\n    url: http://f${i}:3000\n    stage: live\n`;
  const list = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));
  return `legacy: http://legacy:8080\nfeatures:\n${list(100, feature).join('')}routes:\n${list(count, route).join('')}`;
}

describe('LoadThread', () => {
  it('gives what parsing here gives', async () => {
    const text = manyRoutes(PART_ENTRIES * 2 + 1);
    const { table, issues, env } = parseRoutes(text, inputOf(text));
    expect(await start().parse(inputOf(text))).toEqual({ table, issues, env });
  });

  it('parses in the thread that was prepared', async () => {
    const thread = start();
    thread.prepare();
    thread.prepare();
    const text = manyRoutes(2);
    expect((await thread.parse(inputOf(text))).table).toEqual(parseRoutes(text, inputOf(text)).table);
  });

  it('gives issues, as many as there are', async () => {
    const text = manyRoutes(PART_ENTRIES + 7).replaceAll('to: f', 'to: g');
    const { table, issues } = await start().parse(inputOf(text));
    expect(table).toBeNull();
    expect(issues).toHaveLength(PART_ENTRIES + 7);
  });

  it('freezes the table to the ground', async () => {
    const { table } = await start().parse(inputOf(manyRoutes(3)));
    const open: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) open.push(path);
      for (const [key, child] of Object.entries(value)) visit(child, `${path}.${key}`);
    };
    visit(table, 'table');
    expect(open).toEqual([]);
  });

  it('parses one after the other, in order', async () => {
    const thread = start();
    const results = await Promise.all(
      ['a', 'b', 'c'].map((name) => thread.parse(inputOf(`legacy: http://${name}\n`))),
    );
    expect(results.map(({ table }) => table?.legacy.urls[0]?.host)).toEqual(['a', 'b', 'c']);
  });

  it('outlives a file that takes too long, and one that takes too much memory', async () => {
    const slow = start({ timeoutMs: 1, maxHeapMiB: 2_048 });
    expect((await slow.parse(inputOf(manyRoutes(5_000)))).issues[0]?.message).toContain(
      'it takes more than 1 ms',
    );
    const small = start({ timeoutMs: 60_000, maxHeapMiB: 24 });
    expect((await small.parse(inputOf(manyRoutes(30_000)))).issues[0]?.message).toContain('too much memory');
    expect((await small.parse(inputOf('legacy: http://legacy\n'))).table).not.toBeNull();
  });

  it('says so when the worker is not there', async () => {
    const thread = new LoadThread(new URL('./no-such-worker.js', import.meta.url));
    expect((await thread.parse(inputOf(''))).issues[0]?.message).toContain('cannot be read');
  });

  it('does not stop the main thread with 5 000 routes', async () => {
    const thread = start();
    await thread.parse(inputOf('legacy: http://legacy\n'));
    // The best of three: the machine that tests may stop this process at any time, which is not what is measured.
    const stallsMs: number[] = [];
    for (let run = 0; run < 3; run++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const { table } = await thread.parse(inputOf(manyRoutes(5_000)));
      delay.disable();
      expect(table?.routes).toHaveLength(5_000);
      stallsMs.push(delay.max / 1e6);
    }
    expect(Math.min(...stallsMs)).toBeLessThan(250);
  });
});

describe('partsOf', () => {
  it('makes no part larger than its share', () => {
    const text = manyRoutes(1_001);
    const sizes = [...partsOf(parseRoutes(text, inputOf(text)))].map((part) => {
      if (part.kind === 'routes') return part.routes.length;
      return part.kind === 'features' ? part.entries.length : 0;
    });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(PART_ENTRIES);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_101);
  });
});
