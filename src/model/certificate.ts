/**
 * Certificates that the router shows to its clients (`--tls-cert`, `--tls-key`): read and checked in `config`, used by
 * a front. Plain data, since a primary hands them to its workers.
 */

/** Where a certificate and its key are, as the user named them. */
export interface CertificatePair {
  /** PEM: the server's own certificate, then the chain. */
  readonly certFile: string;
  /** PEM, without a passphrase. */
  readonly keyFile: string;
}

/** A certificate that was read and fits its key. */
export interface ServerCertificate extends CertificatePair {
  readonly cert: string;
  readonly key: string;
  /** DNS names that it is for, in lower case: `shop.example.com`, `*.example.com`. */
  readonly names: readonly string[];
  /** `rsa`, `ec`, `ed25519` …: certificates for the same names may differ in it. */
  readonly keyType: string;
  /** Wall clock, ms. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Everything that a front needs to speak TLS. The first certificate is for clients that name no other's host. */
export interface CertificateSet {
  readonly certificates: readonly ServerCertificate[];
  /** 48 bytes, base64: encrypts session tickets. The same in all workers, so that a session goes on with any of them. */
  readonly ticketKeys: string;
}

/** How the certificates stand, for metrics. */
export interface CertificateStatus {
  /** The files as they are now are in use. */
  readonly isCurrent: boolean;
  readonly certificates: readonly Pick<ServerCertificate, 'certFile' | 'notAfterMs'>[];
}

/** The certificates cannot be used, and there is nothing to go on with. */
export class UnusableCertificates extends Error {
  /** One line each, naming the file. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
