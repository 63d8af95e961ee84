import { describe, expect, it } from 'vitest';
import { parseHosts } from '../../src/live/hosts-file.ts';

describe('parseHosts', () => {
  it('gives every name of a line its address, and every address of a name in order', () => {
    const hosts = parseHosts('10.0.0.1 orders Orders.Shop\n::1\tlocalhost ip6-localhost\n10.0.0.2 orders\n');
    expect(hosts.get('orders')).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(hosts.get('orders.shop')).toEqual(['10.0.0.1']);
    expect(hosts.get('ip6-localhost')).toEqual(['::1']);
  });

  it('takes an address that stands twice once', () => {
    expect(parseHosts('10.0.0.1 a\n10.0.0.1 a b\n').get('a')).toEqual(['10.0.0.1']);
  });

  it.each(['# 10.0.0.1 a', 'a 10.0.0.1', '10.0.0.999 a', '', '10.0.0.1', '10.0.0.1 # a'])(
    'has no name in %j',
    (line) => {
      expect(parseHosts(line).size).toBe(0);
    },
  );

  it('reads lines that end in CRLF', () => {
    expect(parseHosts('10.0.0.1 a\r\n10.0.0.2 b\r\n').get('a')).toEqual(['10.0.0.1']);
  });
});
