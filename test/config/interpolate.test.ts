import { describe, expect, it } from 'vitest';
import { interpolate } from '../../src/config/interpolate.ts';

const ENV = { HOST: 'shop', EMPTY: '', A: '1' };

function expand(text: string): string {
  return interpolate(text, ENV, new Map()).text;
}

describe('interpolate', () => {
  it.each([
    ['no dollars', 'no dollars'],
    [`$\{HOST}`, 'shop'],
    [`http://$\{HOST}:80/$\{A}`, 'http://shop:80/1'],
    [`$\{NONE:-other}`, 'other'],
    [`$\{NONE-other}`, 'other'],
    [`$\{EMPTY:-other}`, 'other'],
    [`$\{EMPTY-other}`, ''],
    [`$\{EMPTY}`, ''],
    [`$\{NONE:-}`, ''],
    [`$\{NONE:-http://$\{HOST}:8080}`, 'http://shop:8080'],
    [`$\{NONE:-$\{NEITHER:-x}}y`, 'xy'],
    [`$\{HOST:+yes}`, 'yes'],
    [`$\{NONE:+yes}`, ''],
    [`$\{EMPTY+yes}`, 'yes'],
    [`$\{HOST:?must be}`, 'shop'],
    ['$$', '$'],
    [`$$\{HOST}`, `$\{HOST}`],
    [`$$$\{HOST}`, '$shop'],
    ['^/a$', '^/a$'],
    ['$HOST', '$HOST'],
    ['(a|b)$|c$ ', '(a|b)$|c$ '],
  ])('%s is %s', (text, expected) => {
    expect(expand(text)).toBe(expected);
  });

  it.each([
    [`$\{NONE}`, 'the environment has no NONE'],
    [`$\{NONE:?say it}`, 'say it'],
    [`$\{NONE?say it}`, 'say it'],
    [`$\{NONE:?}`, 'the environment has no NONE'],
    [`$\{HOST`, 'without its "}"'],
    [`$\{}`, 'is not of the form'],
    [`$\{1A}`, 'is not of the form'],
    [`$\{HOST!}`, 'is not of the form'],
    [`$\{NONE:-`.repeat(40) + '}'.repeat(40), 'nested too deeply'],
  ])('%s is a problem', (text, expected) => {
    expect(interpolate(text, ENV, new Map()).problem).toContain(expected);
  });

  it('does not take what every object has for a variable', () => {
    expect(interpolate(`$\{constructor}`, {}, new Map()).problem).toContain('no constructor');
  });

  it('notes what it looked up', () => {
    const used = new Map<string, string | null>();
    interpolate(`$\{HOST} $\{NONE:-x} $\{HOST:-$\{A}}`, ENV, used);
    expect([...used]).toEqual([
      ['HOST', 'shop'],
      ['NONE', null],
    ]);
  });
});
