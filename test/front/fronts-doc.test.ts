import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KNOWN_DIFFERENCES } from '../differential/known-differences.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const FILES = ['requests', 'backends', 'upgrades'].map((part) => `test/e2e/engine-traps-${part}.test.ts`);

/** The tests' titles; of `it.each` with `%s`, the part after or before it. */
function titles(): { exact: Set<string>; patterns: string[] } {
  const exact = new Set<string>();
  const patterns: string[] = [];
  for (const file of FILES) {
    const source = readFileSync(path.join(ROOT, file), 'utf8');
    for (const match of source.matchAll(/(?:\bit|\]\))\(\s*'((?:[^'\\]|\\.)*)'/g)) {
      const title = (match[1] as string).replace(/\\(.)/g, '$1');
      if (title.includes('%s')) patterns.push(title);
      else exact.add(title);
    }
  }
  return { exact, patterns };
}

function namedInDocs(): string[] {
  const text = readFileSync(path.join(ROOT, 'docs/fronts.md'), 'utf8');
  const table = text.slice(text.indexOf('## Engine traps'), text.indexOf('## Differences'));
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| trap'));
  return rows.map((row) => row.split('|').at(-2)!.trim());
}

function fits(name: string, pattern: string): boolean {
  const [before = '', after = ''] = pattern.split('%s');
  return name.startsWith(before) && name.endsWith(after) && name.length > before.length + after.length;
}

describe('docs/fronts.md', () => {
  const { exact, patterns } = titles();
  const named = namedInDocs();

  it('names only tests that exist', () => {
    expect(named.length).toBeGreaterThan(25);
    expect(
      named.filter((name) => !exact.has(name) && !patterns.some((pattern) => fits(name, pattern))),
    ).toEqual([]);
  });

  it('names every test of an engine trap', () => {
    expect([...exact].filter((title) => !named.includes(title))).toEqual([]);
    expect(patterns.filter((pattern) => !named.some((name) => fits(name, pattern)))).toEqual([]);
  });
});

describe('the list of differences', () => {
  const text = readFileSync(path.join(ROOT, 'docs/fronts.md'), 'utf8');
  const section = text.slice(text.indexOf('## Differences'), text.indexOf('## Limits'));
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what'));

  it('is the one that the differential test has', () => {
    expect(rows).toEqual(KNOWN_DIFFERENCES.map(({ name, reason }) => `| ${name} | ${reason} |`));
  });
});
