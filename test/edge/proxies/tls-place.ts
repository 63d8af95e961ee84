import { appendFileSync, copyFileSync } from 'node:fs';
import { freePort } from '../../../bench/processes.ts';
import type { Authority } from '../../support/certificates.ts';

/** Where a proxy speaks TLS, and by which certificate. */
export interface TlsPlace {
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  /** Both in one. */
  readonly pemFile: string;
}

/** A free port and a certificate for `localhost`. */
export async function tlsPlace(authority: Authority): Promise<TlsPlace> {
  const { certFile, keyFile, key } = authority.issue('localhost', ['DNS:localhost', 'IP:127.0.0.1']);
  const pemFile = `${certFile}.both`;
  copyFileSync(certFile, pemFile);
  appendFileSync(pemFile, key);
  return { port: await freePort(), certFile, keyFile, pemFile };
}
