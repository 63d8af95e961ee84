/** Links and paths of the documentation lead somewhere, and every page can be found from its map. */
import { expect, test } from 'vitest';
import { allPages, anchorsOf, exists, linksOf, pageAt, proseOf } from '../support/markdown.ts';

const pages = allPages();

test('every link leads to a file that is there, and to a heading of it', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter(({ file, anchor }) => {
        if (!exists(file)) return true;
        return anchor !== '' && file.endsWith('.md') && !anchorsOf(pageAt(file)).includes(anchor);
      })
      .map(({ file, anchor }) => `${page.file}: ${file}${anchor && '#'}${anchor}`),
  );
  expect(broken).toEqual([]);
});

test('every page of docs/ is on the map, docs/README.md, once', () => {
  const links = linksOf(pageAt('docs/README.md')).map(({ file }) => file);
  const mapped = new Set(links);
  expect(links).toEqual([...mapped]);
  const own = pages.filter(({ file }) => /^docs\/[^/]+\.md$/.test(file) && file !== 'docs/README.md');
  expect(own.map(({ file }) => file).filter((file) => !mapped.has(file))).toEqual([]);
});

test('every decision is in the list of them, with the number of its file', () => {
  const list = pageAt('docs/adr/README.md');
  const decisions = pages.filter(({ file }) => /^docs\/adr\/\d/.test(file));
  expect(
    linksOf(list)
      .map(({ file }) => file)
      .sort(),
  ).toEqual(decisions.map(({ file }) => file).sort());
  for (const { file, text } of decisions) {
    expect(text.startsWith(`# ${/\d{4}/.exec(file)?.[0]}: `), file).toBe(true);
    for (const part of ['Context', 'Choice', 'Alternatives', 'Consequences'])
      expect(text).toContain(`**${part}.**`);
  }
});

/** `test/…`, `src/…` and the like between backticks; `…` and `*` stand for something. */
const PATHS = /`((?:src|test|docs|scripts|deploy|examples|bench|\.ci)\/[A-Za-z0-9_./-]*)`/g;

test('files that are named are there', () => {
  const missing = pages.flatMap((page) =>
    [...proseOf(page).matchAll(PATHS)]
      .map(([, file = '']) => file)
      .filter((file) => !exists(file))
      .map((file) => `${page.file}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('files of src/ that docs/architecture.md names are there', () => {
  const named = [...pageAt('docs/architecture.md').text.matchAll(/`([a-z-]+\/[a-z/-]+\.ts)`/g)];
  expect(named.length).toBeGreaterThan(20);
  expect(
    named.map(([, file = '']) => file).filter((file) => !exists(`src/${file}`) && !exists(file)),
  ).toEqual([]);
});

test('nothing names a machine, a registry or how the project is made', () => {
  const wrong = pages.filter(({ text }) =>
    /(?:^|[\s(`'"])\/(?:work|home|tmp|root)\/|registry\.npmjs/m.test(text),
  );
  expect(wrong.map(({ file }) => file)).toEqual([]);
});
