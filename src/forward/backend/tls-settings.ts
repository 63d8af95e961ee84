import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { Endpoint } from '../../model/ports.ts';
import type { Backend, BackendTls } from '../../model/route-table.ts';

/** A backend's TLS settings, its files read once. */
export class TlsSettings {
  private context: SecureContext | null = null;
  private readonly tls: BackendTls;

  constructor(tls: BackendTls) {
    this.tls = tls;
  }

  /** Options for `tls.connect` to a url's host. @throws when a file cannot be read or is no certificate or key. */
  options(hostname: string): {
    secureContext: SecureContext;
    servername: string;
    rejectUnauthorized: boolean;
  } {
    this.context ??= createSecureContext({
      ...(this.tls.caFile === null
        ? {}
        : { ca: [...rootCertificates, readFileSync(this.tls.caFile, 'utf8')] }),
      ...(this.tls.certFile === null ? {} : { cert: readFileSync(this.tls.certFile) }),
      ...(this.tls.keyFile === null ? {} : { key: readFileSync(this.tls.keyFile) }),
      minVersion: 'TLSv1.2',
    });
    const name = this.tls.serverName ?? hostname;
    return {
      secureContext: this.context,
      // SNI carries names only (RFC 6066 section 3); an address is still checked against the certificate.
      servername: isIP(name) === 0 ? name : '',
      rejectUnauthorized: !this.tls.insecure,
    };
  }
}

/** The settings of all backends, each made when it is first needed. */
export class KnownTlsSettings {
  private readonly known = new WeakMap<BackendTls, TlsSettings>();

  /** Null: no TLS to this endpoint. */
  of(endpoint: Endpoint, { tls }: Backend): TlsSettings | null {
    if (!endpoint.secure) return null;
    const known = this.known.get(tls);
    if (known !== undefined) return known;
    const settings = new TlsSettings(tls);
    this.known.set(tls, settings);
    return settings;
  }
}
