import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAskDns } from '../../src/live/ask-dns.ts';
import { DnsServer } from '../support/dns-server.ts';

let server: DnsServer;
beforeEach(async () => {
  server = await DnsServer.start();
});
afterEach(() => server.stop());

const ask = (name: string, family: 4 | 6) =>
  createAskDns({ servers: [server.address], timeoutMs: 100, tries: 2 })(name, family);

describe('createAskDns', () => {
  it('gives the addresses of the family that was asked for', async () => {
    server.set('orders', ['10.0.0.1', '10.0.0.2', 'fd00::a:1']);
    expect(await ask('orders', 4)).toEqual({ kind: 'addresses', addresses: ['10.0.0.1', '10.0.0.2'] });
    expect(await ask('orders', 6)).toEqual({ kind: 'addresses', addresses: ['fd00::a:1'] });
  });

  it('knows a name that does not exist, or has no such address, from a failure', async () => {
    server.set('v4only', ['10.0.0.1']);
    expect(await ask('missing', 4)).toEqual({ kind: 'none' });
    expect(await ask('v4only', 6)).toEqual({ kind: 'none' });
    server.set('broken', 'SERVFAIL');
    expect(await ask('broken', 4)).toEqual({ kind: 'failed', code: 'ESERVFAIL' });
  });

  it('gives up on a silent server after its two tries', async () => {
    server.setEverything('silence');
    const start = performance.now();
    expect(await ask('orders', 4)).toEqual({ kind: 'failed', code: 'ETIMEOUT' });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(server.asked('orders')).toBe(2);
  });

  it('does not believe a TTL: each question is asked of the server', async () => {
    const asking = createAskDns({ servers: [server.address], timeoutMs: 500, tries: 2 });
    server.set('orders', ['10.0.0.1']);
    await asking('orders', 4);
    server.set('orders', ['10.0.0.2']);
    expect(await asking('orders', 4)).toEqual({ kind: 'addresses', addresses: ['10.0.0.2'] });
  });
});
