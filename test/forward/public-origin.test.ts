import { describe, expect, it } from 'vitest';
import { publicOrigin, publicScheme } from '../../src/forward/public-origin.ts';

function asked(headers: readonly string[], secure = false): Parameters<typeof publicOrigin>[0] {
  return { head: { headers }, peer: { secure } };
}

const FORWARDED = ['Host', 'edge:8080', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.test'];

describe('the address that the client used', () => {
  it.each([
    ['a stranger’s word does not count', FORWARDED, false, 'http://edge:8080'],
    ['a trusted proxy’s does', FORWARDED, true, 'https://shop.test'],
    ['a proxy that says the scheme only', FORWARDED.slice(0, 4), true, 'https://edge:8080'],
    [
      'of a list the first: it is the nearest to the client',
      ['Host', 'edge', 'X-Forwarded-Proto', 'HTTPS, http', 'X-Forwarded-Host', 'shop.test:8443, inner'],
      true,
      'https://shop.test:8443',
    ],
    [
      'what is neither scheme nor host',
      ['Host', 'edge', 'X-Forwarded-Proto', 'gopher', 'X-Forwarded-Host', 'shop.test/a@evil.test'],
      true,
      'http://edge',
    ],
    ['empty words', ['Host', 'edge', 'X-Forwarded-Proto', '', 'X-Forwarded-Host', ' '], true, 'http://edge'],
    ['no Host, as in HTTP/1.0', [], true, null],
  ])('%s', (_, headers, isTrusted, expected) => {
    expect(publicOrigin(asked(headers), isTrusted)).toBe(expected);
  });

  it('is https on a connection with TLS', () => {
    expect(publicScheme(asked(['Host', 'edge'], true), false)).toBe('https');
    expect(publicScheme(asked(['Host', 'edge', 'X-Forwarded-Proto', 'http'], true), true)).toBe('http');
  });
});
