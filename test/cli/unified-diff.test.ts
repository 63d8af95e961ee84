import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { manualLine } from '../../src/cli/manual-line.ts';
import { unifiedDiff } from '../../src/cli/unified-diff.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'banyan-diff-'));
afterAll(() => rmSync(folder, { recursive: true }));

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');

const EDITS: readonly (readonly [what: string, before: string, after: string])[] = [
  ['a line changed', numbered(1, 9), numbered(1, 9).replace('line 5', 'five & /half\\')],
  ['a line put in', numbered(1, 9), numbered(1, 9).replace('line 5\n', 'line 5\n  it\'s $new: "x"\n')],
  ['one at the very end', numbered(1, 3), `${numbered(1, 3)}more\n`],
  ['one at the beginning', numbered(1, 3), `first\n${numbered(1, 3)}`],
  [
    'two places',
    numbered(1, 40),
    numbered(1, 40).replace('line 3\n', 'three\n').replace('line 30\n', 'line 30\nx\ny\n'),
  ],
  [
    'near places',
    numbered(1, 40),
    numbered(1, 40).replace('line 3\n', 'three\n').replace('line 8\n', 'eight\n'),
  ],
  ['lines gone', numbered(1, 9), numbered(1, 9).replace('line 4\nline 5\n', '')],
  ['one for three', numbered(1, 9), numbered(1, 9).replace('line 5\n', 'a:\n  b\n  c\n')],
  ['no end of the last line', numbered(1, 3).trimEnd(), `${numbered(1, 3)}more`],
  [
    'Windows line ends',
    numbered(1, 9).replaceAll('\n', '\r\n'),
    numbered(1, 9).replace('line 5\n', 'line 5\nx\n').replaceAll('\n', '\r\n'),
  ],
];

describe('a diff', () => {
  it('is as diff -u writes it', () => {
    const before = numbered(1, 9);
    expect(
      unifiedDiff({ file: 'a.yaml', before, after: before.replace('line 5', 'five'), color: false }),
    ).toBe(
      '--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+five\n line 6\n line 7\n line 8\n',
    );
    expect(unifiedDiff({ file: 'L', before: null, after: 'x\n', color: false })).toBe(
      '--- /dev/null\n+++ L\n@@ -0,0 +1 @@\n+x\n',
    );
    expect(unifiedDiff({ file: 'L', before: 'x\n', after: null, color: false })).toBe(
      '--- L\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    );
    expect(unifiedDiff({ file: 'L', before, after: before, color: false })).toBe('');
  });

  it('has colours where they are wanted', () => {
    const diff = unifiedDiff({ file: 'a', before: 'x\n', after: 'y\n', color: true });
    expect(diff).toContain('\u001b[31m-x\u001b[0m\n\u001b[32m+y\u001b[0m\n');
  });

  it.each(EDITS.filter(([what]) => !what.includes('Windows')))(
    'patch makes of it what it says: %s',
    (_, before, after) => {
      const file = path.join(folder, 'patched');
      writeFileSync(file, before);
      const diff = unifiedDiff({ file, before, after, color: false });
      execFileSync('git', ['apply', '--unsafe-paths', '-p0', '--directory=/', '-'], {
        input: diff,
        cwd: folder,
      });
      expect(readFileSync(file, 'utf8')).toBe(after);
    },
  );
});

describe('the line to run instead', () => {
  it.each(EDITS)('does the same in a shell: %s', (_, before, after) => {
    const file = path.join(folder, "it's routes.yaml");
    writeFileSync(file, before);
    execFileSync('sh', ['-c', manualLine({ file, before, after })]);
    expect(readFileSync(file, 'utf8')).toBe(after);
  });

  it('makes and removes files', () => {
    const file = path.join(folder, 'LEGACY_ONLY');
    for (const [before, after] of [
      [null, ''],
      ['', 'a%s\\n\nb\n'],
    ] as const) {
      execFileSync('sh', ['-c', manualLine({ file, before, after })]);
      expect(readFileSync(file, 'utf8')).toBe(after);
    }
    expect(manualLine({ file: 'x/LEGACY_ONLY', before: 'a\n', after: null })).toBe('rm x/LEGACY_ONLY');
  });
});
