import { constants } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CertificateSet, ServerCertificate } from '../../model/certificate.ts';

/**
 * Which certificate a client is shown: that of the name it asks for, exactly or by a wildcard of one label (RFC 6125
 * section 6.4.3), else the first. Each certificate has a server of node:tls of its own, which never listens and is
 * handed connections; certificates for the same names with keys of another kind share one, and OpenSSL picks what the
 * client can check.
 */
export class SecureServers {
  readonly #protocols: readonly string[];
  readonly #secured: (socket: TLSSocket) => void;
  #first: Server | null = null;
  #byName: ReadonlyMap<string, Server> = new Map();

  /** `protocols`: ALPN names, the preferred first. `secured` is told of every handshake that succeeded. */
  constructor(protocols: readonly string[], secured: (socket: TLSSocket) => void) {
    this.#protocols = protocols;
    this.#secured = secured;
  }

  /** Replaces all of them, for handshakes from here on. @throws OpenSSL's error; then nothing has changed */
  use({ certificates, ticketKeys }: CertificateSet): void {
    const keys = Buffer.from(ticketKeys, 'base64');
    const byName = new Map<string, Server>();
    const servers = groupsOf(certificates).map((group) => {
      const server = this.#create(group, keys);
      for (const name of group.flatMap(({ names }) => names)) if (!byName.has(name)) byName.set(name, server);
      return server;
    });
    this.#first = servers[0] ?? null;
    this.#byName = byName;
  }

  /** For a client that asks for this name, in lower case; null: for none. null: there is no certificate at all. */
  of(name: string | null): Server | null {
    if (name === null) return this.#first;
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact;
    const dot = name.indexOf('.');
    const wild = dot > 0 ? this.#byName.get(`*${name.slice(dot)}`) : undefined;
    return wild ?? this.#first;
  }

  #create(group: readonly ServerCertificate[], ticketKeys: Buffer): Server {
    const server = createServer({
      ...TERMS,
      cert: group.map(({ cert }) => cert),
      key: group.map(({ key }) => key),
      ticketKeys,
      ALPNProtocols: [...this.#protocols],
      handshakeTimeout: NO_LIMIT_MS,
    });
    return server.on('secureConnection', this.#secured);
  }
}

/** The time limit is the front's own, over all of a handshake, not OpenSSL's part alone. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/**
 * TLS 1.2 with forward secrecy and authenticated encryption alone, and 1.3. All of these are fast and sound, so the
 * client's order counts: it knows whether it has AES in hardware.
 */
const TERMS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: false,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const;

/** Certificates that go together: the same names, each kind of key once. */
function groupsOf(certificates: readonly ServerCertificate[]): ServerCertificate[][] {
  const groups = new Map<string, ServerCertificate[]>();
  for (const [at, certificate] of certificates.entries()) {
    const names = JSON.stringify([...certificate.names].sort());
    const group = groups.get(names);
    if (group === undefined) groups.set(names, [certificate]);
    else if (group.every(({ keyType }) => keyType !== certificate.keyType)) group.push(certificate);
    else groups.set(`${names} ${at}`, [certificate]);
  }
  return [...groups.values()];
}
