/** The words of the glossary, and that the sources keep to them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PURPOSES } from '../../src/model/outcome.ts';
import { STAGES } from '../../src/model/route-table.ts';
import { ROOT, sourceFiles } from '../support/source-files.ts';

const doc = readFileSync(path.join(ROOT, 'docs/glossary.md'), 'utf8');
const rows = doc.split('\n').filter((line) => line.startsWith('| '));
const cells = rows.map((row) =>
  row
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1),
);
const words = cells.filter((row) => row.length === 3).slice(1);
const others = cells.filter((row) => row.length === 2).slice(1);

const avoided = new Set(
  words.flatMap(([, , avoid = '']) => avoid.split(', ')).filter((word) => word !== '–'),
);
const withOwnMeaning = new Set(others.map(([word = '']) => word));

/** Files in which an avoided word is the right one, and why. */
const ALLOWED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  upstream: { 'front/proxy-engine.ts': 'the name of an option of @fastify/http-proxy' },
  service: {
    'cli/demo-service.ts': 'a service of the example shop, as Compose names them',
    'cli/demo-shop.ts': 'the same',
    'cli/demo.ts': 'the same',
    'front/problem.ts': 'problems speak to clients, who are told nothing of what lies behind',
    'model/route-table.ts': 'what a backend is: a named service on the network',
  },
  module: { 'config/rules/json-paths.ts': "Node's node:module" },
  weight: { 'front/accept-field.ts': 'RFC 9110 section 12.4.2: weights of what a client accepts' },
  registry: {
    'live/feature-switches.ts': "JavaScript's FinalizationRegistry",
    'observe/certificate-metrics.ts': "prom-client's Registry",
    'observe/router-metrics.ts': "prom-client's Registry",
    'observe/process-metrics.ts': "prom-client's Registry",
    'observe/protocol-counts.ts': "prom-client's Registry",
  },
  store: {
    'admin/create-admin.ts': 'Cache-Control: no-store',
    'forward/publicly-cacheable.ts': 'Cache-Control: no-store',
    'front/problem.ts': 'Cache-Control: no-store',
  },
};

/** The words of identifiers and comments: `newRouteSeries` is new, route, series. Plurals count as the word. */
function wordsOf(text: string): Set<string> {
  const parts = text.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  const lower = parts.map((part) => part.toLowerCase());
  return new Set([
    ...lower,
    ...lower.map((word) => word.replace(/(?:ies|s)$/, (end) => (end === 's' ? '' : 'y'))),
  ]);
}

test('the words of identifiers and comments are told apart', () => {
  const found = wordsOf('const newUpstreams = HTTPCluster; // two registries');
  expect([...found]).toEqual(expect.arrayContaining(['new', 'upstream', 'cluster', 'http', 'registry']));
});

test('the sources use none of the synonyms', () => {
  const searched = [...avoided].filter((word) => !withOwnMeaning.has(word) && !word.includes(' '));
  expect(searched.length).toBeGreaterThan(15);
  const wrong: string[] = [];
  for (const { name, text } of sourceFiles()) {
    const present = wordsOf(text);
    for (const word of searched) {
      if (present.has(word) && ALLOWED[word]?.[name] === undefined) wrong.push(`${name}: ${word}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('what is allowed is needed', () => {
  const texts = new Map(sourceFiles().map(({ name, text }) => [name, wordsOf(text)]));
  const idle = Object.entries(ALLOWED).flatMap(([word, files]) =>
    Object.keys(files)
      .filter((name) => !texts.get(name)?.has(word))
      .map((name) => `${name}: ${word}`),
  );
  expect(idle).toEqual([]);
  expect(Object.keys(ALLOWED).filter((word) => !avoided.has(word))).toEqual([]);
});

test('only words to avoid need another meaning', () => {
  expect([...withOwnMeaning].filter((word) => !avoided.has(word))).toEqual([]);
});

test('no word is avoided and used at once', () => {
  const used = words.flatMap(([word = '']) => word.split(', '));
  expect(used.filter((word) => avoided.has(word))).toEqual([]);
});

test('stages and purposes are the ones of the model', () => {
  const meaningOf = (word: string): string => words.find(([name]) => name === word)?.[1] ?? '';
  expect([...meaningOf('stage').matchAll(/`([a-z]+)`/g)].map(([, stage]) => stage)).toEqual([...STAGES]);
  for (const purpose of PURPOSES) expect(meaningOf('attempt')).toContain(purpose);
});
