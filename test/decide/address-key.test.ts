import { expect, test } from 'vitest';
import { addressKey } from '../../src/decide/address-key.ts';

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8::1', '20010db800000000'],
  ['2001:db8:0:1:aaaa:bbbb:cccc:dddd', '20010db800000001'],
  ['2001:DB8:0:1::9', '20010db800000001'],
  ['2001:db8:1:2:3:4:5:6', '20010db800010002'],
  ['::1', '0000000000000000'],
  ['::', '0000000000000000'],
  ['1::', '0001000000000000'],
  ['fe80::1%eth0', 'fe80000000000000'],
  ['::ffff:203.0.113.9', '203.0.113.9'],
  ['::ffff:cb00:7109', '203.0.113.9'],
  ['64:ff9b::203.0.113.9', '0064ff9b00000000'],
  ['', ''],
  ['not an address', 'not an address'],
])('%s counts as %j', (address, key) => {
  expect(addressKey(address)).toBe(key);
});
