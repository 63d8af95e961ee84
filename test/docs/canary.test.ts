/** What docs/canary.md promises in numbers and words, against what is done. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { explainCommand } from '../../src/cli/explain.ts';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import { bucketOfValue, bucketsOfPlaces, seedOf } from '../../src/decide/bucket.ts';
import { placeCookie } from '../../src/decide/place.ts';
import { codeBlocksOf, pageAt } from '../support/markdown.ts';

const page = pageAt('docs/canary.md');
const blocks = codeBlocksOf(page);
const example = blocks.find(({ language }) => language === 'yaml')?.text ?? '';

test('the example is a file without issues', () => {
  expect(parseRoutes(example, { file: 'routes.yaml', env: {}, legacyOnlyFile: null }).issues).toEqual([]);
});

test('the figure has the buckets of its places', () => {
  const buckets = bucketsOfPlaces('orders');
  const lines = [...page.text.matchAll(/^ cookie banyan=(\d+) ──▶ \S*?│[·]*(\d+)[·]*│/gm)];
  expect(lines.map(([, place]) => buckets[Number(place)])).toEqual(
    lines.map(([, , bucket]) => Number(bucket)),
  );
  expect(lines.length).toBe(2);
});

test('the cookie is the one that is set', () => {
  const [, cookie = ''] = /^`(banyan=1234; [^`]*)`/m.exec(page.text) ?? [];
  expect(cookie).toBe(placeCookie(1234, false));
});

test('the numbers for others are right', () => {
  const seed = seedOf('orders');
  const values = [...page.text.matchAll(/`([0-9a-z.]+)` → (\d+)/g)];
  expect(values.map(([, value = '']) => bucketOfValue(seed, value))).toEqual(
    values.map(([, , bucket]) => Number(bucket)),
  );
  expect(values.length).toBe(3);
  const [, ...places] = /places 0, 1, 2 → (\d+), (\d+), (\d+)/.exec(page.text) ?? [];
  expect([...bucketsOfPlaces('orders').slice(0, 3)]).toEqual(places.map(Number));
});

test('explain says what stands there', async () => {
  const [, shown = ''] =
    blocks.find(({ text }) => text.startsWith('$ banyan explain'))?.text.split('\n') ?? [];
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-canary-'));
  const file = path.join(folder, 'routes.yaml');
  await writeFile(file, example);
  const asked = { method: 'GET', url: '/orders', headers: [], cookies: ['banyan=1234'], client: null };
  const { output } = await explainCommand({ ...asked, file, json: false, env: {} });
  await rm(folder, { recursive: true });
  expect(shown).not.toBe('');
  expect(output).toContain(shown);
});
