/** docs/cli.md against the built command, both ways. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/cli-io.ts';
import { LATER_VERBS } from '../../src/cli/program.ts';
import { pageAt } from '../support/markdown.ts';
import { ROOT } from '../support/source-files.ts';

const { text } = pageAt('docs/cli.md');

function help(...verb: string[]): string {
  return execFileSync(process.execPath, [path.join(ROOT, 'dist/cli.js'), ...verb, '--help'], {
    encoding: 'utf8',
  });
}

/** The verbs that the command offers. */
function verbs(): string[] {
  const [, list = ''] = help().split('Commands:\n');
  return [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, verb = '']) => verb);
}

function sectionOf(verb: string): string {
  return text.split(/^## /m).find((section) => section.startsWith(`banyan ${verb}\n`)) ?? '';
}

test('every verb has its section, and no other has one', () => {
  const sections = [...text.matchAll(/^## banyan ([a-z-]+)$/gm)].map(([, verb]) => verb);
  expect(sections).toEqual(verbs());
});

const WITH_OPTIONS = [
  'validate',
  'explain',
  'status',
  'mismatches',
  'set',
  'rollback',
  'legacy-only',
  'carve',
];

test.each(WITH_OPTIONS)('every option of %s is there, and no other', (verb) => {
  const offered = [...help(verb).matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, option]) => option);
  const cells = [...sectionOf(verb).matchAll(/^\|([^|]*`--[^|]*)\|/gm)].map(([, cell = '']) => cell);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`--([a-z-]+)`/g)].map(([, option]) => option));
  expect(listed.sort()).toEqual(offered.filter((option) => option !== 'help').sort());
});

test.each(WITH_OPTIONS.slice(2))('%s --help has an example, which stands in the docs too', (verb) => {
  const [, examples = ''] = help(verb).split('For example:\n');
  const [first = ''] = examples.trim().split('\n');
  expect(first).toMatch(new RegExp(`^banyan ${verb}\\b`));
  expect(sectionOf(verb)).toContain(first.replace(' --admin 127.0.0.1:9901', ''));
});

test('the verbs that come later are listed', () => {
  const [, later = ''] = text.split('## Later\n');
  const listed = [...later.matchAll(/`([a-z-]+)`/g)].map(([, verb]) => verb);
  expect(listed.sort()).toEqual([...LATER_VERBS].sort());
});

test('the exit codes are the ones that there are', () => {
  const listed = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(listed).toEqual(Object.values(EXIT).sort((a, b) => a - b));
});
