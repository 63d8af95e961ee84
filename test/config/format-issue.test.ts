import { describe, expect, it } from 'vitest';
import { formatIssue, summarizeIssues } from '../../src/config/format-issue.ts';
import type { ConfigIssue } from '../../src/model/config-issue.ts';

const ISSUE: ConfigIssue = {
  severity: 'error',
  file: 'routes.yaml',
  line: 14,
  column: 9,
  message: 'unknown feature "order" (did you mean "orders"?)',
  source: '    to: order',
  width: 5,
};

describe('formatIssue', () => {
  it('gives place, severity, message, line and caret', () => {
    expect(formatIssue(ISSUE)).toBe(
      [
        'routes.yaml:14:9 error unknown feature "order" (did you mean "orders"?)',
        '  14 |     to: order',
        '     |         ^^^^^',
      ].join('\n'),
    );
  });

  it('gives an issue of the whole file without a place', () => {
    const whole = { ...ISSUE, line: 0, column: 0, source: null, message: 'does not exist' };
    expect(formatIssue(whole)).toBe('routes.yaml error does not exist');
  });

  it('colours only when asked', () => {
    expect(formatIssue(ISSUE)).not.toContain('\u001b');
    expect(formatIssue(ISSUE, { color: true })).toContain('\u001b[31merror\u001b[0m');
  });

  it('keeps tabs under tabs', () => {
    expect(formatIssue({ ...ISSUE, source: '\tto: order', column: 6 }).split('\n')[2]).toBe(
      '     | \t    ^^^^^',
    );
  });

  it('shows a window of a long line', () => {
    const source = `${'a'.repeat(1_000)}WRONG${'b'.repeat(1_000)}`;
    const [, line = '', caret = ''] = formatIssue({ ...ISSUE, source, column: 1_001 }).split('\n');
    expect(line.length).toBeLessThan(180);
    expect(line.indexOf('WRONG')).toBe(caret.indexOf('^'));
    expect(caret).toMatch(/ \^{5}$/);
  });

  it('shows no control characters', () => {
    const evil = { ...ISSUE, message: 'unknown key "\u001b[2J"', source: 'a\u001b[2Jb: \u202Ec' };
    expect(formatIssue(evil)).not.toMatch(/[\u001b\u202E]/);
  });
});

describe('summarizeIssues', () => {
  const warning: ConfigIssue = { ...ISSUE, severity: 'warning' };

  it.each([
    [[], 'no issues'],
    [[ISSUE], '1 error'],
    [[ISSUE, ISSUE, warning], '2 errors, 1 warning'],
    [[warning, warning], '2 warnings'],
  ])('%#', (issues, expected) => {
    expect(summarizeIssues(issues)).toBe(expected);
  });
});
