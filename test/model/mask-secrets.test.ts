import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isSecretName,
  isShownAsItCame,
  loggableTarget,
  loggableText,
  rememberSecretNames,
} from '../../src/model/mask-secrets.ts';

describe('secrets in a target', () => {
  it.each([
    ['/a?token=abc', '/a?token=***'],
    ['/a?x=1&access_token=abc&y=2', '/a?x=1&access_token=***&y=2'],
    ['/a?API_KEY=abc', '/a?API_KEY=***'],
    ['/a?apiKey=abc&Password=p', '/a?apiKey=***&Password=***'],
    ['/a?code=4%2F0Ab&state=xyz', '/a?code=***&state=***'],
    ['/a?resetCode=1&X-Amz-Signature=ff&sig=1', '/a?resetCode=***&X-Amz-Signature=***&sig=***'],
    ['/a?%74oken=abc', '/a?%74oken=***'],
    ['/a?user%5Bpassword%5D=abc', '/a?user%5Bpassword%5D=***'],
    ['/a?token=abc;def&x=1', '/a?token=***&x=1'],
    ['/a?x=1;token=abc', '/a?x=1;token=***'],
    ['/a?next=/b?token=abc', '/a?next=/b?token=***'],
    ['/a;jsessionid=0123/b?x=1', '/a;jsessionid=***/b?x=1'],
    ['http://user:pw@shop.test/a', 'http://***@shop.test/a'],
    ['/a?token=abc&token=def', '/a?token=***&token=***'],
    ['/a?jwt=a=b=c', '/a?jwt=***'],
  ])('%s is shown as %s', (target, shown) => {
    expect(loggableTarget(target)).toBe(shown);
  });

  it.each([
    '/a?page=2&sort=asc',
    '/a?barcode=400&zipcode=1&writer=x',
    '/a?token',
    '/a?token=',
    '/a?design=x&assign=y',
    '/token=abc',
    '/a?',
    '*',
  ])('%s has none', (target) => {
    expect(loggableTarget(target)).toBe(target);
  });

  it('are told from a target that is shown as it came', () => {
    const text = fc.string({ unit: fc.constantFrom(...'abk/?;=&tokenky%25"\\ \n\xe9') });
    fc.assert(
      fc.property(text, (rest) => {
        const target = `/${rest}`;
        if (!isShownAsItCame(target, isSecretName)) return;
        expect(loggableTarget(target)).toBe(target);
        expect(JSON.stringify(target)).toBe(`"${target}"`);
      }),
    );
    const shown = (text: string): boolean => isShownAsItCame(text, isSecretName);
    expect(shown(`/${'a'.repeat(2047)}`)).toBe(true);
    expect(shown(`/${'a'.repeat(2048)}`)).toBe(false);
    expect(['/', '/a?b=1&c=/d?e=f&g', '/a=b&token=1', '/a?barcode=1'].filter((text) => !shown(text))).toEqual(
      [],
    );
    const others = [
      '*',
      'http://user:pw@x/',
      '/a;b=1',
      '/"',
      '/\\',
      '/\x7f',
      '/ ',
      '/é',
      '/?token=1',
      '/?a=1&x?key=2',
    ];
    expect(others.filter(shown)).toEqual([]);
  });

  it('are the same to one who remembers names', () => {
    const names = fc.array(fc.string({ unit: fc.constantFrom(...'aAtTokenKEY%5B_-') }), { maxLength: 50 });
    fc.assert(
      fc.property(names, (asked) => {
        const remembering = rememberSecretNames();
        for (const name of [...asked, ...asked]) expect(remembering(name)).toBe(isSecretName(name));
      }),
    );
  });

  it('never show, wherever the parameter stands', () => {
    const name = fc.constantFrom('token', 'id_token', 'sessionId', 'PASSWORD', 'client_secret', 'key', 'jwt');
    const other = fc.string({ unit: fc.constantFrom(...'abcXYZ019=&;?%/_-.[]') });
    fc.assert(
      fc.property(other, name, fc.constantFrom('&', ';'), other, (before, secret, separator, after) => {
        const shown = loggableTarget(`/p?${before}${separator}${secret}=h4ckm3&${after}`);
        expect(shown).not.toContain('h4ckm3');
      }),
    );
  });

  it('are told by names, in any case', () => {
    for (const name of ['Authorization', 'x-auth', 'sid', 'PHPSESSID', 'pwd', 'user.pass', 'license-key'])
      expect(isSecretName(name), name).toBe(true);
    for (const name of ['page', 'q', 'barcode', 'stage', 'keyword', 'inside'])
      expect(isSecretName(name), name).toBe(false);
  });
});

describe('what a log shows of a client', () => {
  it('is one line of visible ASCII, of bounded length, at bounded cost', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 4_000,
    });
    fc.assert(
      fc.property(bytes, (text) => {
        for (const shown of [loggableTarget(text), loggableText(text, 512)]) {
          expect(shown).toMatch(/^[\x20-\x7e]*$/);
          expect(shown.length).toBeLessThanOrEqual(4 * 2048 + 3);
        }
      }),
    );
  });

  it('keeps bytes that cannot be shown readable', () => {
    expect(loggableText('a\r\nb\x1b[31m\x7f\xe9\u202e', 100)).toBe('a\\x0d\\x0ab\\x1b[31m\\x7f\\xe9\\u202e');
    expect(loggableText('x'.repeat(20), 8)).toBe('xxxxxxxx...');
    expect(loggableTarget(`/${'a'.repeat(5_000)}`)).toHaveLength(2048 + 3);
  });

  it.each([
    ['separators', `/?${'&'.repeat(16_000)}`],
    ['semicolons', `/?${';='.repeat(8_000)}`],
    ['path parameters', `/${';a'.repeat(8_000)}?`],
    ['humps', `/?${'aA'.repeat(8_000)}=1`],
    ['triplets', `/?${'%74'.repeat(5_000)}=1`],
  ])('takes no time for many %s', (_, target) => {
    const start = performance.now();
    for (let i = 0; i < 20; i++) loggableTarget(target);
    expect((performance.now() - start) / 20).toBeLessThan(10);
  });
});
