import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseListenAddress } from '../../src/model/listen-address.ts';

describe('listen addresses', () => {
  it('are shown as they are read', () => {
    const host = fc.oneof(fc.ipV4(), fc.constantFrom('::', '::1', 'fd00::1', 'localhost', 'shop.internal'));
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
        expect(parseListenAddress(formatAddress(name, port))).toEqual({ host: name, port });
      }),
    );
  });

  it.each([
    '',
    'x',
    ':',
    '1.2.3.4:',
    '::1:80',
    '[::1]',
    '[::1]:',
    '[::1:80',
    '[x]:80',
    'a:b:80',
    ' :80',
    ':80 ',
    '256.0.0.1:80',
  ])('are not %j', (text) => {
    expect(parseListenAddress(text)).toHaveProperty('problem');
  });
});
