/**
 * The arrows between the parts: who may import whom (docs/architecture.md). A stage folder knows `model` and itself; what puts them
 * together are a few files at the root of src/, and nothing imports those but what runs them. The figure in
 * docs/architecture.md is drawn from the imports as they are.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, type SourceFile, sourceFiles } from './support/source-files.ts';

const STAGES = ['config', 'front', 'match', 'decide', 'forward', 'observe', 'live', 'shadow', 'compare'];

/** What each part may import besides itself. A part is a folder, or a file at the root of src/. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  ...Object.fromEntries(STAGES.map((stage) => [stage, ['model']])),
  // Shows what is in force through functions that it is handed.
  admin: ['model'],
  'setting-readers.ts': ['model'],
  'setting-list.ts': ['model', 'setting-readers.ts'],
  'settings.ts': ['model', 'setting-list.ts', 'setting-readers.ts'],
  'open-logs.ts': ['observe', 'settings.ts'],
  // Composition: a table with all that is made from it; the answer to `explain`; what admin shows; the way of
  // a request and of a table; what serves; the router from start to end.
  'routes-in-force.ts': ['model', 'admin', 'config', 'match', 'decide'],
  'explain-canary.ts': ['model', 'decide'],
  'explain-other-side.ts': ['model', 'forward'],
  'explain-shadow.ts': ['model', 'decide', 'forward'],
  'explain.ts': [
    'model',
    'front',
    'match',
    'decide',
    'forward',
    'observe',
    'explain-canary.ts',
    'explain-other-side.ts',
    'explain-shadow.ts',
  ],
  'admin-view.ts': ['model', 'admin', 'decide', 'live', 'observe', 'routes-in-force.ts', 'explain.ts'],
  'create-copies.ts': ['model', 'decide', 'forward', 'shadow'],
  'exchange-handler.ts': ['model', 'decide', 'forward', 'observe', 'create-copies.ts', 'routes-in-force.ts'],
  'keep-rollbacks.ts': ['model', 'config', 'live'],
  'keep-comparisons.ts': ['model', 'config', 'compare', 'settings.ts'],
  'bring-into-force.ts': ['model', 'forward', 'live', 'routes-in-force.ts'],
  'app.ts': [
    'model',
    ...STAGES,
    'settings.ts',
    'routes-in-force.ts',
    'create-copies.ts',
    'exchange-handler.ts',
    'bring-into-force.ts',
  ],
  'start-router.ts': [
    'model',
    'admin',
    'config',
    'compare',
    'live',
    'settings.ts',
    'admin-view.ts',
    'keep-rollbacks.ts',
    'keep-comparisons.ts',
    'app.ts',
  ],
  // Several processes: an App in each, and one primary that has the rest.
  workers: [
    'model',
    'admin',
    'config',
    'compare',
    'live',
    'observe',
    'settings.ts',
    'open-logs.ts',
    'keep-rollbacks.ts',
    'keep-comparisons.ts',
    'routes-in-force.ts',
    'admin-view.ts',
    'app.ts',
    'start-router.ts',
  ],
  // Verbs read files and settings, and call the same functions as the router.
  cli: [
    'model',
    'config',
    'setting-list.ts',
    'settings.ts',
    'open-logs.ts',
    'explain.ts',
    'start-router.ts',
    'workers',
  ],
  // Alone touches the process.
  'main.ts': ['cli', 'start-router.ts', 'workers', 'config'],
};

const files = sourceFiles();

function partOf(name: string): string {
  return name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
}

/** `from to` → the imports that make the arrow. */
function arrows(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { name, imports } of files) {
    for (const to of imports) {
      const arrow = `${partOf(name)} ${partOf(to)}`;
      if (partOf(name) === partOf(to) || to.startsWith('../')) continue;
      found.set(arrow, [...(found.get(arrow) ?? []), `src/${name} imports ${to}`]);
    }
  }
  return found;
}

test('every part of src/ has its arrows declared', () => {
  const parts = new Set(files.map(({ name }) => partOf(name)));
  const undeclared = [...parts].filter((part) => MAY_IMPORT[part] === undefined);
  expect(undeclared, 'say in this test what it may import').toEqual([]);
});

test('no import goes against the arrows', () => {
  const wrong: string[] = [];
  for (const [arrow, imports] of arrows()) {
    const [from = '', to = ''] = arrow.split(' ');
    if (!MAY_IMPORT[from]?.includes(to)) wrong.push(...imports);
  }
  expect(wrong).toEqual([]);
});

test('from outside src/ only the manifest is imported, for the version', () => {
  const outside = files.flatMap(({ name, imports }) =>
    imports.filter((to) => to.startsWith('../')).map((to) => `${name} ${to}`),
  );
  expect(outside).toEqual(['model/version.ts ../package.json']);
});

test('every import names a file that is there, with its ending', () => {
  const names = new Set(files.map(({ name }) => name));
  const missing = files.flatMap(({ name, imports }) =>
    imports.filter((to) => !to.startsWith('../') && !names.has(to)).map((to) => `${name} ${to}`),
  );
  expect(missing).toEqual([]);
});

test('no file imports itself by way of others', () => {
  expect(cyclesIn(files)).toEqual([]);
});

test('the search for cycles finds them', () => {
  const file = (name: string, ...imports: string[]): SourceFile => ({ name, text: '', imports });
  expect(cyclesIn([file('a', 'b'), file('b', 'c'), file('c', 'b')])).toEqual(['b → c → b']);
  expect(cyclesIn([file('a', 'b', 'c'), file('b', 'c'), file('c')])).toEqual([]);
});

/** Each way back to a file that is still being visited, as `a → b → a`. */
function cyclesIn(all: readonly SourceFile[]): string[] {
  const importsOf = new Map(all.map(({ name, imports }) => [name, imports]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at >= 0) cycles.push([...way.slice(at), name].join(' → '));
    if (at >= 0 || done.has(name)) return;
    for (const next of importsOf.get(name) ?? []) visit(next, [...way, name]);
    done.add(name);
  };
  for (const { name } of all) visit(name, []);
  return cycles;
}

const DOC = path.join(ROOT, 'docs/architecture.md');
const FIGURE = /(<!-- arrows -->\n)[\s\S]*?(<!-- \/arrows -->)/;

test('docs/architecture.md shows the arrows as they are', () => {
  const doc = readFileSync(DOC, 'utf8');
  expect(doc).toMatch(FIGURE);
  const current = doc.replace(FIGURE, (_, begin: string, end: string) => `${begin}${figure()}${end}`);
  if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(DOC, current);
  expect(doc, 'draw it anew: UPDATE_DOCS=1 npx vitest run test/architecture.test.ts').toBe(current);
});

/** The arrows but those to `model`, which everything imports, and `settings`, drawn as one. */
function figure(): string {
  const drawn = new Set<string>();
  for (const arrow of arrows().keys()) {
    const [from = '', to = ''] = arrow.split(' ').map(boxOf);
    if (from !== to && to !== 'model/') drawn.add(`  ${idOf(from)}["${from}"] --> ${idOf(to)}["${to}"]`);
  }
  return `\`\`\`mermaid\nflowchart LR\n${[...drawn].sort().join('\n')}\n\`\`\`\n`;
}

function boxOf(part: string): string {
  if (part.startsWith('setting-')) return 'settings.ts';
  return part.endsWith('.ts') ? part : `${part}/`;
}

function idOf(box: string): string {
  return box.replace(/\.ts$|\/$/, '');
}
