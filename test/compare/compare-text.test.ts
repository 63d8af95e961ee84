import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { compareText } from '../../src/compare/compare-text.ts';

const patterns = (written: readonly string[]) => written.map((pattern) => RE2JS.compile(pattern));

const compared = (
  one: string,
  other: string,
  ignore: readonly string[] = [],
  redact: readonly string[] = [],
) => compareText(one, other, { ignore: patterns(ignore), redact: patterns(redact) });

const page = (token: string, price: string, rest = '') => `<!doctype html>
<html>
  <body class="shop">
    <form method="post"><input type="hidden" name="csrf_token" value="${token}"></form>
    <p>Total: <b>${price}</b> EUR</p>${rest}
  </body>
</html>`;

it('finds a text equal to itself, however it is spaced', () => {
  const words = fc.array(fc.stringMatching(/^[a-z<>/=" ]{0,8}$/), { maxLength: 40 });
  fc.assert(
    fc.property(words, (list) => {
      expect(compared(list.join(' '), list.join(' \n\t'))).toEqual([]);
    }),
  );
  expect(compared('<p>\n  a   b\n</p>', '<p>a b</p>')).toEqual([]);
  expect(compared('<a  href="x"\n class="y">', '<a href="x" class="y">')).toEqual([]);
});

it('names a place by what stands before it', () => {
  expect(compared(page('t1', '7.00'), page('t1', '7.01'))).toEqual([
    { field: 'text near "<p> Total: <b>"', kind: 'value', legacy: '7.00', feature: '7.01', apart: null },
  ]);
});

it('gives one place the same name in every page, and shows no secret', () => {
  const fields = ['a8', 'b9', 'c7f'].map((token) => compared(page('aa', '1'), page(token, '1')));
  const names = new Set(fields.flatMap((list) => list.map(({ field }) => field)));
  expect([...names]).toEqual([expect.stringContaining('csrf_token')]);
  expect(fields[0]).toMatchObject([{ legacy: '***', feature: '***' }]);
});

it('shows no secret in the name of a place either', () => {
  const secret = 'a1b2c3d4'.repeat(8);
  for (const before of [
    `Authorization: Basic ${secret}==`,
    `{"password":"${secret}",`,
    `key ${secret}`,
    `?sid=${secret}&`,
  ]) {
    const [difference] = compared(`${before} one`, `${before} two`);
    expect(difference?.field).toContain('***');
    expect(JSON.stringify(difference)).not.toMatch(/[a-d]#[a-d]#|a1b2/);
  }
});

it('says what is missing and what is too much', () => {
  const more = page('t', '1', '<p>Thank you</p>');
  expect(compared(more, page('t', '1'))).toMatchObject([{ kind: 'missing', feature: null }]);
  expect(compared(page('t', '1'), more)).toMatchObject([{ kind: 'extra', legacy: null }]);
});

it('takes out what is ignored', () => {
  expect(compared(page('a', '1'), page('b', '1'), ['value="[^"]*"'])).toEqual([]);
  expect(compared('made in 3 ms', 'made in 12 ms', ['\\d+ ms'])).toEqual([]);
});

it('compares what is redacted, and never shows it', () => {
  const redact = ['Hello [A-Z][a-z]+( [A-Z][a-z]+)?', 'data-mail="[^"]*"', 'Smith'];
  const greeting = (name: string, rest: string) =>
    `<p>Hello ${name}, <b data-mail="${name}">you</b> have ${rest}</p>`;
  const named = compared(greeting('Lynn Smith', '3 plants'), greeting('Ann Smith', '3 plants'), [], redact);
  expect(named.length).toBeGreaterThan(0);
  expect(JSON.stringify(named)).not.toMatch(/Lynn|Ann|Smith/);
  const near = compared(greeting('Lynn Smith', '3 plants'), greeting('Lynn Smith', '4 plants'), [], redact);
  expect(near).toMatchObject([{ legacy: '3', feature: '4' }]);
  expect(JSON.stringify(near)).not.toMatch(/Lynn|Smith/);
  const words = (letter: string) => Array.from({ length: 3_000 }, (_, i) => `${letter}${i}`).join(' ');
  const whole = compared(`Smith ${words('a')}`, `Smith ${words('b')} Smith`, [], redact);
  expect(JSON.stringify(whole)).not.toContain('Smith');
});

it('does not take for a difference what is redacted on one side alone', () => {
  expect(compared('Hi Lynn', 'Hello Lynn', [], ['Hello \\w+'])).toMatchObject([
    { legacy: 'Hi', feature: '***' },
  ]);
  expect(compared('Lynn there', 'Lynn  there', [], ['Lynn'])).toEqual([]);
});

it('says of texts that have nothing in common that they differ as a whole', () => {
  const words = (letter: string) => Array.from({ length: 3_000 }, (_, i) => `${letter}${i}`).join(' ');
  expect(compared(words('a'), words('b'))).toMatchObject([{ field: 'text', kind: 'value' }]);
});

it('finds any change, and none that is not there', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '<p>', '</p>', '1'), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(compared(one.join(' '), other.join(' ')).length > 0).toBe(one.join(' ') !== other.join(' '));
    }),
  );
});
