import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEndpoints } from '../../src/live/create-endpoints.ts';
import type { NameChange } from '../../src/live/discovery.ts';
import type { LiveEndpoints } from '../../src/live/endpoints.ts';
import type { Backend } from '../../src/model/route-table.ts';
import { DnsServer } from '../support/dns-server.ts';
import { plainBackend, tableOf } from '../support/plain-backend.ts';

/** Names through real files and a real name server, asked ten times a second. */
let server: DnsServer;
let folder: string;
let endpoints: LiveEndpoints;
let changes: NameChange[];
let told: (() => void)[];

beforeEach(async () => {
  server = await DnsServer.start();
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-dns-'));
  changes = [];
  told = [];
  await writeFile(path.join(folder, 'hosts'), '127.0.0.1 localhost\n10.7.7.7 listed\n');
  await resolvConf('');
  endpoints = createEndpoints({
    hostsFile: path.join(folder, 'hosts'),
    resolvConfFile: path.join(folder, 'resolv.conf'),
    everyMs: 100,
    dnsTimeoutMs: 100,
    onNameChange: (change) => {
      changes.push(change);
      for (const tell of told.splice(0)) tell();
    },
  });
});
afterEach(async () => {
  endpoints.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function resolvConf(more: string): Promise<void> {
  return writeFile(path.join(folder, 'resolv.conf'), `nameserver ${server.address}\n${more}`);
}

/** The next change of any name. */
function nextChange(): Promise<void> {
  return new Promise((resolve) => told.push(resolve));
}

/** Waits for two questions that begin from now on, of both families. */
async function askedAgain(name: string): Promise<void> {
  const until = server.asked(name) + 4;
  while (server.asked(name) < until) await new Promise((resolve) => setTimeout(resolve, 10));
}

function addresses(backend: Backend): string[] {
  const found = endpoints.snapshot().find((status) => status.backend === backend.name);
  return (found?.endpoints ?? []).map(({ address }) => address).sort();
}

function use(...urls: string[]): Backend {
  const legacy = plainBackend('legacy', urls);
  endpoints.tableChanged(tableOf(legacy));
  return legacy;
}

describe('createEndpoints', () => {
  it('finds addresses of both families by DNS, and one in the hosts file without it', async () => {
    server.set('orders', ['10.0.0.1', '10.0.0.2', 'fd00::1']);
    const legacy = use('http://orders', 'http://listed');
    await endpoints.firstAnswers(5_000);
    expect(addresses(legacy)).toEqual(['10.0.0.1', '10.0.0.2', '10.7.7.7', 'fd00::1']);
    expect(server.asked('listed')).toBe(0);
  });

  it('follows addresses as they change, TTL or not', async () => {
    server.set('orders', ['10.0.0.1', '10.0.0.2']);
    const legacy = use('http://orders');
    await endpoints.firstAnswers(5_000);
    server.set('orders', ['10.0.0.2', '10.0.0.3']);
    await nextChange();
    expect(addresses(legacy)).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  it.each(['SERVFAIL', 'NXDOMAIN', 'silence'] as const)(
    'keeps the last addresses through %s',
    async (trouble) => {
      server.set('orders', ['10.0.0.1']);
      const legacy = use('http://orders');
      await endpoints.firstAnswers(5_000);
      server.set('orders', trouble);
      await nextChange();
      expect(changes.at(-1)).toMatchObject({ host: 'orders', addresses: ['10.0.0.1'] });
      expect(changes.at(-1)!.problem).toMatch(/ESERVFAIL|ENOTFOUND|ETIMEOUT/);
      await askedAgain('orders');
      expect(addresses(legacy)).toEqual(['10.0.0.1']);
      server.set('orders', ['10.0.0.9']);
      await nextChange();
      expect(addresses(legacy)).toEqual(['10.0.0.9']);
    },
  );

  it('has a name that could not be resolved at first as soon as it can', async () => {
    const legacy = use('http://late');
    await endpoints.firstAnswers(5_000);
    expect(endpoints.pick(legacy, null, [])).toBe('dns');
    server.set('late', ['10.0.0.4']);
    await nextChange();
    expect(endpoints.pick(legacy, null, [])).toMatchObject({ address: '10.0.0.4' });
  });

  it('goes through the search list of resolv.conf, also of one that changed', async () => {
    await resolvConf('search shop.internal\n');
    server.set('orders.shop.internal', ['10.0.0.5']);
    const legacy = use('http://orders');
    await endpoints.firstAnswers(5_000);
    expect(addresses(legacy)).toEqual(['10.0.0.5']);
    server.set('orders.other.internal', ['10.0.0.6']);
    await resolvConf('search other.internal\n');
    await nextChange();
    expect(addresses(legacy)).toEqual(['10.0.0.6']);
  });

  it('asks another server when resolv.conf names another', async () => {
    const other = await DnsServer.start();
    try {
      server.set('orders', ['10.0.0.1']);
      other.set('orders', ['10.0.0.2']);
      const legacy = use('http://orders');
      await endpoints.firstAnswers(5_000);
      await writeFile(path.join(folder, 'resolv.conf'), `nameserver ${other.address}\n`);
      await nextChange();
      expect(addresses(legacy)).toEqual(['10.0.0.2']);
    } finally {
      await other.stop();
    }
  });

  it('follows the hosts file', async () => {
    const legacy = use('http://listed');
    await endpoints.firstAnswers(5_000);
    await writeFile(path.join(folder, 'hosts'), '10.8.8.8 listed\n');
    await nextChange();
    expect(addresses(legacy)).toEqual(['10.8.8.8']);
  });

  it('asks no faster, and holds up no thread of libuv, while a hundred names are silent', async () => {
    server.setEverything('silence');
    use(...[...Array(100).keys()].map((i) => `http://silent-${i}`));
    const start = performance.now();
    let reads = 0;
    while (server.asked('silent-0') < 4) {
      await readFile(path.join(folder, 'hosts'));
      reads++;
    }
    // A read that had to wait for getaddrinfo would wait for seconds.
    expect((performance.now() - start) / reads).toBeLessThan(50);
    // At most two tries a family and round, one round at a time.
    const perName = [...Array(100).keys()].map((i) => server.asked(`silent-${i}`));
    expect(Math.max(...perName)).toBeLessThanOrEqual(8);
  });

  it('asks soon after a failed connection', async () => {
    endpoints.close();
    endpoints = createEndpoints({
      hostsFile: path.join(folder, 'hosts'),
      resolvConfFile: path.join(folder, 'resolv.conf'),
      everyMs: 60_000,
      onNameChange: () => {
        for (const tell of told.splice(0)) tell();
      },
    });
    server.set('orders', ['10.0.0.1']);
    const legacy = use('http://orders');
    await endpoints.firstAnswers(5_000);
    server.set('orders', ['10.0.0.2']);
    const picked = endpoints.pick(legacy, null, []);
    if (typeof picked === 'string') throw new Error(picked);
    endpoints.connectFailed(picked);
    await nextChange();
    expect(addresses(legacy)).toEqual(['10.0.0.2']);
    expect(picked.removed).toBe(true);
  });
});
