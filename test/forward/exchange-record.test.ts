import { expect, test } from 'vitest';
import { ExchangeRecord } from '../../src/forward/exchange-record.ts';
import type { RunInput } from '../../src/forward/run-input.ts';
import type { Endpoint } from '../../src/model/ports.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';

const input = {
  exchange: {
    head: { headers: ['X-Forwarded-For', '203.0.113.9'] },
    peer: { address: '10.0.0.1' },
    startedAt: 100,
  },
  trust: new TrustedProxies(['10.0.0.0/8']),
  decision: { backend: { name: 'orders' } },
  requestId: 'id',
  time: 5,
} as unknown as RunInput;

function endpointAt(address: string): Endpoint {
  return { address, port: 80 } as Endpoint;
}

test('an endpoint is shown as it would be written in a url', () => {
  const record = new ExchangeRecord(input);
  const shown = (endpoint: Endpoint | null): string | null =>
    record.outcome(130, { endpoint, bytesIn: 0, tunnelBytesOut: 0 }).endpoint;
  expect(shown(endpointAt('192.0.2.1'))).toBe('192.0.2.1:80');
  expect(shown(endpointAt('2001:db8::1'))).toBe('[2001:db8::1]:80');
  expect(shown(null)).toBeNull();
});

test('the outcome has what was noted, and the bytes of the tunnel', () => {
  const record = new ExchangeRecord(input);
  record.status = 101;
  record.attempts = 2;
  record.bytesOut = 7;
  record.isUpgraded = true;
  const outcome = record.outcome(130, { endpoint: null, bytesIn: 3, tunnelBytesOut: 10 });
  expect(outcome).toMatchObject({ status: 101, attempts: 2, bytesIn: 3, bytesOut: 17, upgraded: true });
  expect(outcome).toMatchObject({ backend: 'orders', durationMs: 30, failure: null, eventStream: false });
  expect(outcome.client).toBe('203.0.113.9');
});
