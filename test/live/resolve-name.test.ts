import { describe, expect, it } from 'vitest';
import type { DnsAnswer } from '../../src/live/ask-dns.ts';
import { parseHosts } from '../../src/live/hosts-file.ts';
import { type Resolved, type ResolveNameOptions, resolveName } from '../../src/live/resolve-name.ts';

type Zone = Record<string, string[] | string | (() => Promise<DnsAnswer>)>;

const NEVER = (): Promise<DnsAnswer> => new Promise(() => {});

/** Keys `name/4`, `name/6`; a string is the code of a failure; what is missing does not exist. */
function options(
  zone: Zone,
  changes: Partial<ResolveNameOptions> = {},
): ResolveNameOptions & { asked: string[] } {
  const asked: string[] = [];
  return {
    hosts: parseHosts(''),
    resolvConf: { servers: [], search: ['a.example', 'b.example'], ndots: 0 },
    ask: async (name, family) => {
      asked.push(`${name}/${family}`);
      const reply = zone[`${name}/${family}`];
      if (typeof reply === 'function') return reply();
      if (reply === undefined) return { kind: 'none' };
      return typeof reply === 'string'
        ? { kind: 'failed', code: reply }
        : { kind: 'addresses', addresses: reply };
    },
    otherFamilyMs: 5,
    asked,
    ...changes,
  };
}

const BEFORE: Resolved = { v4: ['10.0.0.1'], v6: ['fd00::1'], answeredAs: 'orders' };

describe('resolveName', () => {
  it('gives both families, sorted and each address once', async () => {
    const given = options({ 'orders/4': ['10.0.0.2', '10.0.0.1', '10.0.0.2'], 'orders/6': ['fd00::1'] });
    expect(await resolveName('orders', null, given)).toEqual({
      v4: ['10.0.0.1', '10.0.0.2'],
      v6: ['fd00::1'],
      answeredAs: 'orders',
    });
  });

  it('believes the hosts file, and asks nobody then', async () => {
    const given = options({ 'orders/4': ['10.0.0.2'] }, { hosts: parseHosts('10.9.9.9 orders') });
    expect(await resolveName('Orders', null, given)).toMatchObject({ v4: ['10.9.9.9'], v6: [] });
    expect(given.asked).toEqual([]);
  });

  it.each(['localhost', 'shop.localhost', 'localhost.'])('never asks for %s', async (name) => {
    const given = options({}, { hosts: parseHosts('127.0.0.1 localhost') });
    expect(await resolveName(name, null, given)).toMatchObject({ v4: ['127.0.0.1'], v6: ['::1'] });
    expect(given.asked).toEqual([]);
  });

  it('leaves a name under localhost where the hosts file puts it', async () => {
    const given = options({}, { hosts: parseHosts('10.1.1.1 shop.localhost') });
    expect(await resolveName('shop.localhost', null, given)).toMatchObject({ v4: ['10.1.1.1'], v6: [] });
  });

  it('goes through the search list until a name has addresses', async () => {
    const given = options({ 'orders.b.example/4': ['10.0.0.7'] });
    expect(await resolveName('orders', null, given)).toMatchObject({
      v4: ['10.0.0.7'],
      answeredAs: 'orders.b.example',
    });
    expect(given.asked.map((name) => name.slice(0, -2))).toEqual([
      'orders',
      'orders',
      'orders.a.example',
      'orders.a.example',
      'orders.b.example',
      'orders.b.example',
    ]);
  });

  it('goes on after SERVFAIL, as libc does, and reports it if nothing else answers', async () => {
    const fails = { 'orders/4': 'ESERVFAIL', 'orders/6': 'ESERVFAIL' };
    expect(
      await resolveName('orders', null, options({ ...fails, 'orders.a.example/4': ['10.0.0.7'] })),
    ).toMatchObject({ answeredAs: 'orders.a.example' });
    expect(await resolveName('orders', null, options(fails))).toEqual({ problem: 'ESERVFAIL' });
  });

  it('stops at a server that is silent', async () => {
    const given = options({
      'orders/4': 'ETIMEOUT',
      'orders/6': 'ETIMEOUT',
      'orders.a.example/4': ['10.0.0.7'],
    });
    expect(await resolveName('orders', null, given)).toEqual({ problem: 'ETIMEOUT' });
    expect(given.asked).toHaveLength(2);
  });

  it.each([
    ['is missing for a while', {}, 'ENOTFOUND'],
    ['fails', { 'orders/4': 'ESERVFAIL', 'orders/6': 'ESERVFAIL' }, 'ESERVFAIL'],
  ])('never becomes another name of the search list when it %s', async (_, zone, problem) => {
    const given = options({ ...zone, 'orders.a.example/4': ['192.0.2.1'] });
    expect(await resolveName('orders', BEFORE, given)).toEqual({ problem });
  });

  it('keeps the addresses of a family whose question fails, and drops those of one that has none', async () => {
    const failing = options({ 'orders/4': ['10.0.0.5'], 'orders/6': 'ESERVFAIL' });
    expect(await resolveName('orders', BEFORE, failing)).toMatchObject({ v4: ['10.0.0.5'], v6: ['fd00::1'] });
    const gone = options({ 'orders/4': ['10.0.0.5'] });
    expect(await resolveName('orders', BEFORE, gone)).toMatchObject({ v4: ['10.0.0.5'], v6: [] });
  });

  it.each([
    ['AAAA', { 'orders/4': ['10.0.0.5'], 'orders/6': NEVER }, { v4: ['10.0.0.5'], v6: [] }],
    ['A', { 'orders/6': ['fd00::5'], 'orders/4': NEVER }, { v4: [], v6: ['fd00::5'] }],
  ])('does not wait for %s that never comes', async (_, zone, expected) => {
    expect(await resolveName('orders', null, options(zone))).toMatchObject(expected);
  });
});
