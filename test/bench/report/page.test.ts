import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withGenerated } from '../../../bench/report/page.ts';
import { ROOT } from '../../support/source-files.ts';

const PAGE = readFileSync(path.join(ROOT, 'docs/performance.md'), 'utf8');

test('what is between the marks is replaced, what is around them stays', () => {
  const once = withGenerated(PAGE, 'TABLES');
  expect(once).toContain('-->\n\nTABLES\n\n<!--');
  expect(withGenerated(once, 'OTHERS')).toBe(once.replace('TABLES', 'OTHERS'));
  expect(once.split('\n')[0]).toBe(PAGE.split('\n')[0]);
});

test('a page without the marks, or with them twice, is not written', () => {
  expect(() => withGenerated('# A page\n', 'x')).toThrow(/once each/);
  expect(() => withGenerated(PAGE + PAGE, 'x')).toThrow(/once each/);
});
