import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSecretField, shownTarget, shownText } from '../../src/compare/redact.ts';

it.each([
  'password',
  'api_key',
  'sessionId',
  'email',
  'customerEmail',
  'phone',
  'first_name',
  'lastName',
  'iban',
  'birthDate',
  'card_number',
])('%s is not shown', (name) => expect(isSecretField(name)).toBe(true));

it.each(['price', 'name', 'author', 'state', 'items', 'id', 'origin'])('%s is shown', (name) => {
  expect(isSecretField(name)).toBe(false);
});

it.each([
  ['write to jo.doe+x@shop.test, please', 'write to ***, please'],
  ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '***'],
  ['4111 1111 1111 1111', '***'],
  ['4111 1111 1111 1112', '4111 1111 1111 1112'],
  [`key ${'a1'.repeat(20)} end`, 'key *** end'],
  ['0b6f3c1e-1111-4222-8333-444455556666', '0b6f3c1e-1111-4222-8333-444455556666'],
  [
    'number-of-items-in-the-shopping-basket-of-a-customer',
    'number-of-items-in-the-shopping-basket-of-a-customer',
  ],
  ['aGVsbG8gd29ybGQ/aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=', 'aGVsbG8gd29ybGQ/***'],
  ['qwertyuiop'.repeat(4), '***'],
  ['5f2b8c1e9d3a4f6b'.repeat(3), '***'],
  ['sent Bearer a1b2.c3d4 along', 'sent Bearer *** along'],
  ['basic mathematics', 'basic mathematics'],
  ['a\u0000b\u001b[31m\u202e', 'a b [31m '],
  ['/reset?token=a1b2&page=2', '/reset?token=***&page=2'],
  ['https://jo:pa55@shop.test/x', 'https://***@shop.test/x'],
  ['"/p?api_key=a1b2&page=1"', '"/p?api_key=***&page=1"'],
  ['{"id":1,"password":"a\\"b","x":2', '{"id":1,"password":***,"x":2'],
  ['"{\\"password\\":\\"a1b2\\",\\"x\\":2}"', '"{\\"password\\":***,\\"x\\":2}"'],
  ['{"sessions":{"a":"b1"}}', '{"sessions":***'],
  ['Authorization: Bearer a1b2', 'Authorization: ***'],
  ['a=1&pin=1234', 'a=1&pin=***'],
  ['<a class="b" href="/x?session=a1b2">', '<a class="b" href="/x?session=***">'],
  ['<input name=csrf-token value="a1b2"> b', '<input name=csrf-token value=***> b'],
  ['<meta content=\'a1b2\' name="csrf-token">', '<meta content=*** name="csrf-token">'],
  ['<input name="city" value="Rome">', '<input name="city" value="Rome">'],
  ['{"password": ***, "n": 1}', '{"password": ***, "n": 1}'],
  ['at 12:30, width=3; a: b = c', 'at 12:30, width=3; a: b = c'],
])('%j is shown as %j', (text, shown) => {
  expect(shownText(text)).toBe(shown);
});

it('is short, on one line, and safe for a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const shown = shownText(text);
      expect(shown.length).toBeLessThanOrEqual(121);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});

it('hides whatever was drawn', () => {
  for (const coding of ['base64', 'base64url', 'hex'] as const) {
    for (let n = 0; n < 500; n++) {
      const drawn = randomBytes(32).toString(coding);
      const longest = drawn.split('/').sort((a, b) => b.length - a.length)[0] as string;
      if (longest.length >= 16) expect(shownText(`is ${drawn} it`)).not.toContain(longest);
    }
  }
});

it('is quick whatever it gets', () => {
  const before = performance.now();
  const named = [
    'a='.repeat(1e5),
    '"a":'.repeat(1e5),
    '<a id='.repeat(1e5),
    'a=\\'.repeat(1e5),
    'a={'.repeat(1e5),
  ];
  for (const text of [...named, 'a@'.repeat(1e5), '1 '.repeat(1e5), 'eyJ.'.repeat(1e5), 'a'.repeat(1e5)])
    shownText(text);
  expect(performance.now() - before).toBeLessThan(500);
  for (const text of ['/?a='.repeat(600), `/?${'a="'.repeat(600)}`]) shownTarget(text);
  expect(performance.now() - before).toBeLessThan(1_000);
});

it.each([
  '/api/v2/catalogue/departments/garden/products/17',
  '/shop/catalogue/garden-furniture/teak-tables-and-chairs',
  '/s?q=a+very+long+search+with+many+words+in+it+for+sure',
  '/api/orders/0b6f3c1e-1111-4222-8333-444455556666/items/p17a',
])('the target %s is shown as it is', (target) => expect(shownTarget(target)).toBe(target));

it.each([
  ['/s?q=fern&token=x&email=jo%40shop.test', '/s?q=fern&token=***&email=***'],
  ['/u/jo%40shop.test/x', '/u/***/x'],
  ['/s?q=a b\nc', '/s?q=a b\\x0ac'],
  [`/reset/${'a1B2'.repeat(10)}/in/two/steps`, '/reset/***/in/two/steps'],
  [`/s?q=${'a1B2'.repeat(10)}&n=1`, '/s?***&n=1'],
])('the target %j is shown as %j', (target, shown) => {
  expect(shownTarget(target)).toBe(shown);
});
