import { expect, it } from 'vitest';
import { openConnection } from '../../../src/forward/backend/connect.ts';
import { TlsSettings } from '../../../src/forward/backend/tls-settings.ts';
import type { Endpoint } from '../../../src/model/ports.ts';

const NO_FILE = {
  caFile: '/no/such/ca.pem',
  certFile: null,
  keyFile: null,
  serverName: null,
  insecure: false,
};
const ENDPOINT = { address: '127.0.0.1', port: 9, secure: true, hostname: 'orders' } as Endpoint;

/** What is told of a try whose certificate file cannot be read. */
async function told(isGivenUp: boolean): Promise<string[]> {
  const failures: string[] = [];
  const options = {
    tls: new TlsSettings(NO_FILE),
    connectTimeoutMs: 1_000,
    readBuffer: Buffer.alloc(1_024),
  };
  const giveUp = openConnection(ENDPOINT, options, {
    connected: () => void failures.push('connected'),
    failed: (failure) => void failures.push(failure),
  });
  if (isGivenUp) giveUp();
  await new Promise((resolve) => setTimeout(resolve, 10));
  return failures;
}

it('a certificate file that cannot be read is told as tls, and not to whom gave up', async () => {
  expect(await told(false)).toEqual(['tls']);
  expect(await told(true)).toEqual([]);
});
