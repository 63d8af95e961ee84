/** Habits of the sources that a linter does not know: sizes, names, and who may touch what. */
import { expect, test } from 'vitest';
import { codeOf, filesBelow, sourceFiles } from './support/source-files.ts';

const files = sourceFiles();

function linesOf(text: string): number {
  return text.split('\n').length - 1;
}

test('no source file has more than 300 lines, and half of them have at most 80', () => {
  const tooLong = files.filter(({ text }) => linesOf(text) > 300).map(({ name }) => name);
  expect(tooLong).toEqual([]);
  const lengths = files.map(({ text }) => linesOf(text)).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80);
});

test('files are named for what is in them, in kebab case', () => {
  const nameless = /(?:[/-](?:utils?|helpers?|common|misc|manager)|\/(?:index|types))\.ts$/;
  const wrong = files.filter(({ name }) => nameless.test(name) || !/^(?:[a-z0-9]+[/.-]?)+\.ts$/.test(name));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('nothing is exported by default, and nothing is re-exported', () => {
  const wrong = files.filter((file) => /^export (?:default|\*|(?:type )?\{[^}]*\} from)/m.test(codeOf(file)));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('no type is any', () => {
  const wrong = files.filter((file) => /(?::|<|\bas|\|)\s*any\b/.test(codeOf(file)));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('neither compiler nor linter is told to look away', () => {
  const wrong = files.filter(({ text }) => /@ts-(?:ignore|expect-error|nocheck)|biome-ignore/.test(text));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('no state of a module can change', () => {
  const wrong = files.filter((file) => /^(?:export )?let /m.test(codeOf(file)));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

/** What other files than main.ts may take from `process`, and why. */
const PROCESS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'observe/log-output.ts': {
    stdout: 'the stream of a descriptor that cannot be opened again',
    stderr: 'the same',
  },
  'config/parse-in-thread.ts': { constrainedMemory: 'a reading: what the container may use' },
  'observe/router-metrics.ts': { version: 'a constant: the label node_version' },
};

test('main.ts alone touches the process', () => {
  const touched = files.flatMap((file) => {
    // `nextTick` orders what happens within a turn; nothing of the process changes.
    const uses = codeOf(file).matchAll(/\bprocess\.(?!nextTick\b)([A-Za-z]+)/g);
    return [...uses].map(([, what = '']) => ({ name: file.name, what }));
  });
  const wrong = touched.filter(({ name, what }) => name !== 'main.ts' && PROCESS[name]?.[what] === undefined);
  expect(wrong).toEqual([]);
  const byGlobal = files.filter((file) => /from '(?:node:)?process'|globalThis\.process/.test(codeOf(file)));
  expect(byGlobal.map(({ name }) => name)).toEqual([]);
  const needed = Object.entries(PROCESS).flatMap(([name, uses]) =>
    Object.keys(uses).filter((what) => !touched.some((use) => use.name === name && use.what === what)),
  );
  expect(needed, 'allowed and not used any more').toEqual([]);
});

/** What is derived from the line above it (`Stage` from `STAGES`) is described there. */
const EXPORT = /^export (?:async )?(?:function\*?|class|const|interface|type) (?!\w+ = \(typeof)(\w+)/;

test('every export says what it is', () => {
  const silent = files.flatMap(({ name, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, index) => {
      const exported = EXPORT.exec(line)?.[1];
      return exported === undefined || lines[index - 1]?.trim().endsWith('*/')
        ? []
        : [`${name}: ${exported}`];
    });
  });
  expect(silent).toEqual([]);
});

test('comments cite what a reader has: pages of docs/, RFCs', () => {
  const wrong = files.filter(({ text }) => /\bdesign(?:\.md| section|[:,] (?:sections? )?\d)/.test(text));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('no path of a machine stands in the sources', () => {
  const wrong = files.filter(({ text }) => /(?:^|[^A-Za-z0-9_.])\/(?:work|home|Users)\//m.test(text));
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('files that comments name are there', () => {
  const all = [
    ...files.map(({ name }) => `src/${name}`),
    ...filesBelow('test', '.ts'),
    ...filesBelow('docs', '.md'),
  ];
  const missing = files.flatMap(({ name, text }) => {
    const named = text.matchAll(/(?<![\w./'-])([a-z][a-z0-9/-]*\.(?:ts|md))\b/g);
    return [...named]
      .map(([, file = '']) => file)
      .filter((file) => !all.some((known) => known === file || known.endsWith(`/${file}`)))
      .map((file) => `${name}: ${file}`);
  });
  expect(missing).toEqual([]);
});
