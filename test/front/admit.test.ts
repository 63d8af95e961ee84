import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Admitted, admit, type RawHead } from '../../src/front/admit.ts';

const LIMITS = { maxHeaders: 10, maxUrlBytes: 100 };
const GET: RawHead = { method: 'GET', target: '/', major: 1, minor: 1, headers: ['Host', 'shop'] };

function admitWith(change: Partial<RawHead>): ReturnType<typeof admit> {
  return admit({ ...GET, ...change }, LIMITS);
}

describe('admit', () => {
  it('takes the head over and reads its traits', () => {
    const headers = ['hOST', 'Shop.Example.:8080', 'X', 'y'];
    expect(admitWith({ method: 'Brew', target: '/a/../b?c=d?e', headers })).toEqual({
      head: { method: 'Brew', target: '/a/../b?c=d?e', minorVersion: 1, headers },
      traits: { method: 'Brew', host: 'shop.example', path: '/a/../b', query: 'c=d?e', headers },
      bodyLength: 0,
    });
  });

  it.each([
    [1, 0, 0],
    [1, 1, 1],
    [1, 2, 1],
    [1, 9, 1],
  ])('reads HTTP/%i.%i as 1.%i', (major, minor, minorVersion) => {
    expect(admitWith({ major, minor })).toMatchObject({ head: { minorVersion } });
  });

  it.each([
    [0, 9],
    [2, 0],
    [3, 0],
  ])('refuses HTTP/%i.%i', (major, minor) => {
    expect(admitWith({ major, minor })).toEqual({ failure: 'bad_version' });
  });

  it.each([
    ['the origin form', 'GET', '/a', '/a', null],
    ['an empty query', 'GET', '/a?', '/a', ''],
    ['the absolute form', 'GET', 'http://shop/a?b', '/a', 'b'],
    ['the absolute form in capitals', 'GET', 'HTTP://SHOP/a', '/a', null],
    ['its usual port', 'GET', 'http://shop:80/a', '/a', null],
    ['no path', 'GET', 'http://shop', '/', null],
    ['no path, but a query', 'GET', 'http://shop?b', '/', 'b'],
    ['the server itself', 'OPTIONS', '*', '*', null],
    ['the server itself, absolute', 'OPTIONS', 'http://shop', '*', null],
  ])('reads %s', (_what, method, target, path, query) => {
    expect(admitWith({ method, target })).toMatchObject({ traits: { host: 'shop', path, query } });
  });

  it.each([
    '',
    'a',
    '*',
    'shop',
    'shop:80',
    '//',
    'http:/shop/',
    'http://',
    'http:///a',
    'http://u@shop/',
    'http://u:p@shop/',
    'http://other/',
    'http://shop:81/',
    'https://shop:80/',
    'ftp://shop/',
    '/a b',
    '/a\tb',
    '/a\x00',
    '/a\x7f',
    '/a#b',
  ])('judges the target %j', (target) => {
    // Two slashes are an empty segment, not an authority: only the absolute form has one.
    const expected = target === '//' ? { traits: { path: '//' } } : { failure: 'malformed_request' };
    expect(admitWith({ target })).toMatchObject(expected);
  });

  it.each([
    [[], 1, 'malformed_request'],
    [[], 0, ''],
    [['Host', 'a', 'host', 'a'], 1, 'malformed_request'],
    [['Host', 'a', 'host', 'a'], 0, 'malformed_request'],
    [['Host', ''], 1, 'malformed_request'],
    [['Host', 'a b'], 1, 'malformed_request'],
    [['Host', 'a/b'], 1, 'malformed_request'],
    [['Host', 'a@b'], 1, 'malformed_request'],
    [['Host', 'a:b'], 1, 'malformed_request'],
    [['Host', 'a:99999'], 1, 'malformed_request'],
    [['Host', '.'], 1, 'malformed_request'],
    [['Host', '[::1'], 1, 'malformed_request'],
    [['Host', 'a:'], 1, 'a'],
    [['Host', 'my_shop:80'], 1, 'my_shop'],
    [['Host', '[2001:DB8::1]:80'], 1, '[2001:db8::1]'],
    [['Host', '127.0.0.1'], 1, '127.0.0.1'],
  ])('reads the host of %j in HTTP/1.%i', (headers, minor, expected) => {
    const result = admitWith({ headers, minor });
    expect('failure' in result ? result.failure : result.traits.host).toBe(expected);
  });

  it.each([
    [[], 0],
    [['Content-Length', '0'], 0],
    [['Content-Length', '12'], 12],
    [['Content-Length', '007'], 7],
    [['Transfer-Encoding', 'chunked'], null],
    [['Transfer-Encoding', 'Chunked'], null],
  ])('frames a body by %j', (fields, bodyLength) => {
    expect(admitWith({ headers: ['Host', 'a', ...fields] })).toMatchObject({ bodyLength });
  });

  it.each([
    [['Content-Length', '']],
    [['Content-Length', '-1']],
    [['Content-Length', '+1']],
    [['Content-Length', '1.0']],
    [['Content-Length', '0x1']],
    [['Content-Length', '1, 1']],
    [['Content-Length', '99999999999999999999']],
    [['Content-Length', '1', 'content-length', '1']],
    [['Content-Length', '1', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', '']],
    [['Transfer-Encoding', 'identity']],
    [['Transfer-Encoding', 'gzip, chunked']],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    [['Transfer-Encoding', 'chunked;q=1']],
  ])('refuses the framing %j', (fields) => {
    expect(admitWith({ headers: ['Host', 'a', ...fields] })).toEqual({ failure: 'malformed_request' });
  });

  it('refuses chunks in HTTP/1.0', () => {
    expect(admitWith({ minor: 0, headers: ['Transfer-Encoding', 'chunked'] })).toEqual({
      failure: 'malformed_request',
    });
  });

  it('names what is too much', () => {
    const many = Array.from({ length: 11 }, (_, i) => [`X-${i}`, 'v']).flat();
    expect(admitWith({ headers: many })).toEqual({ failure: 'header_too_large' });
    expect(admitWith({ target: `/${'a'.repeat(100)}` })).toEqual({ failure: 'url_too_long' });
    expect(admitWith({ method: 'CONNECT', target: 'shop:80' })).toEqual({ failure: 'bad_method' });
  });

  it.each([
    [['1.1 banyan', '1.1 banyan'], false],
    [['1.1 banyan, 1.0 other', '2 banyan (x), HTTP/1.1 banyan'], true],
    [['1.1 banyan2, 1.1 xbanyan, 1.1 a, 1.1 banyan, 1.1 banyan'], false],
  ])('sees a loop in Via %j: %s', (values, isLoop) => {
    const result = admitWith({ headers: ['Host', 'a', ...values.flatMap((value) => ['Via', value])] });
    expect('failure' in result && result.failure === 'loop').toBe(isLoop);
  });

  it('never throws, and what it admits is what was sent', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const heads = fc.record({
      method: text,
      target: fc.oneof(
        text,
        text.map((tail) => `/${tail}`),
        text.map((tail) => `http://shop${tail}`),
      ),
      major: fc.constantFrom(0, 1, 2),
      minor: fc.integer({ min: 0, max: 9 }),
      headers: fc
        .array(fc.tuple(fc.constantFrom('Host', 'Via', 'Content-Length', 'Transfer-Encoding', 'X'), text), {
          maxLength: 4,
        })
        .map((fields) => fields.flat()),
    });
    fc.assert(
      fc.property(heads, (raw) => {
        const result = admit(raw, LIMITS);
        if ('failure' in result) return;
        const { head, traits } = result as Admitted;
        expect(head.target).toBe(raw.target);
        expect(
          raw.target.endsWith(traits.query === null ? traits.path : `${traits.path}?${traits.query}`) ||
            traits.path === '/',
        ).toBe(true);
        expect(/[\x00-\x20\x7f#]/.test(traits.path)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
