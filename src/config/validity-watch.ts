import type { ServerCertificate } from '../model/certificate.ts';

/** What a person is to be told of a certificate's days; null: nothing. */
type Concern = 'early' | 'expired' | 'soon' | null;

const SOON_MS = 14 * 24 * 60 * 60 * 1000;

/** Where a person is told. */
interface Warned {
  warn(fields: object, message: string): void;
}

/** Says once of each certificate that it is not valid yet, ends within two weeks, or has expired. */
export class ValidityWatch {
  readonly #log: Warned;
  readonly #said = new Map<string, string>();

  constructor(log: Warned) {
    this.#log = log;
  }

  /** `now`: wall clock, ms. */
  look(certificates: readonly ServerCertificate[], now: number): void {
    for (const certificate of certificates) this.#lookAt(certificate, now);
  }

  #lookAt(certificate: ServerCertificate, now: number): void {
    const { certFile, notBeforeMs, notAfterMs } = certificate;
    const concern = concernOf(certificate, now);
    const key = `${concern} ${notAfterMs}`;
    if (this.#said.get(certFile) === key) return;
    this.#said.set(certFile, key);
    if (concern === null) return;
    const days = {
      not_before: new Date(notBeforeMs).toISOString(),
      not_after: new Date(notAfterMs).toISOString(),
    };
    this.#log.warn({ certificate: certFile, ...days }, MESSAGES[concern]);
  }
}

const MESSAGES = {
  early: 'this certificate is not valid yet: clients refuse it',
  expired: 'this certificate has expired: clients refuse it',
  soon: 'this certificate expires in less than two weeks',
} as const;

/** What is to be said of a certificate now. */
function concernOf({ notBeforeMs, notAfterMs }: ServerCertificate, now: number): Concern {
  if (now < notBeforeMs) return 'early';
  if (now > notAfterMs) return 'expired';
  return notAfterMs - now < SOON_MS ? 'soon' : null;
}

/** The same, in words for `banyan validate`; null: nothing to say. */
export function concernText(certificate: ServerCertificate, now: number): string | null {
  const concern = concernOf(certificate, now);
  return concern === null ? null : `${certificate.certFile}: ${MESSAGES[concern]}`;
}
