import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { CertificatePair, ServerCertificate } from '../model/certificate.ts';

/**
 * Whether a certificate and a key can serve, said in words that name the file and the cure: OpenSSL's own
 * (`PEM routines::no start line`) do neither. What is wrong here would else show first in a client's handshake.
 */

/** Texts of the two files. */
export interface PairTexts {
  readonly cert: string;
  readonly key: string;
}

/** Reads a pair, or says what is wrong with it. */
export function checkCertificate(
  pair: CertificatePair,
  texts: PairTexts,
): ServerCertificate | { readonly problem: string } {
  try {
    return readPair(pair, texts);
  } catch (error) {
    if (error instanceof BadPair) return { problem: error.message };
    throw error;
  }
}

class BadPair extends Error {}

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function readPair(pair: CertificatePair, { cert, key }: PairTexts): ServerCertificate {
  const { certFile, keyFile } = pair;
  const chain = (cert.match(BLOCK) ?? []).map((block) => readCertificate(certFile, block));
  const own = chain[0];
  if (own === undefined) throw new BadPair(`${certFile}: ${noCertificate(cert)}`);
  const privateKey = readKey(keyFile, key);
  if (!own.checkPrivateKey(privateKey)) throw new BadPair(mismatch(pair, chain, privateKey));
  tryContext(certFile, { cert, key });
  return Object.freeze({
    ...pair,
    cert,
    key,
    names: Object.freeze(namesOf(own)),
    keyType: privateKey.asymmetricKeyType ?? 'unknown',
    notBeforeMs: Date.parse(own.validFrom),
    notAfterMs: Date.parse(own.validTo),
  });
}

function readCertificate(file: string, block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch (error) {
    throw new BadPair(`${file}: holds a certificate that cannot be read (${(error as Error).message})`);
  }
}

function noCertificate(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (text.includes('PRIVATE KEY-----')) return 'holds a key and no certificate: are the two files swapped?';
  return 'holds no certificate in PEM form';
}

function readKey(file: string, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const { message } = error as Error;
    if (text.trim() === '') throw new BadPair(`${file}: is empty`);
    if (text.includes('ENCRYPTED'))
      throw new BadPair(
        `${file}: the key is encrypted; keep it without a passphrase, readable by the router alone`,
      );
    if (!text.includes('PRIVATE KEY-----')) throw new BadPair(`${file}: holds no private key in PEM form`);
    throw new BadPair(`${file}: holds a key that cannot be read (${message})`);
  }
}

function mismatch(
  { certFile, keyFile }: CertificatePair,
  chain: readonly X509Certificate[],
  key: KeyObject,
): string {
  if (chain.some((certificate) => certificate.checkPrivateKey(key)))
    return `${certFile}: does not begin with the server's own certificate: put it first, then the chain`;
  return `${keyFile}: the key does not belong to the certificate in ${certFile}`;
}

/** What else TLS refuses: a key that is too short, a signature that is too weak. */
function tryContext(file: string, pair: PairTexts): void {
  try {
    createSecureContext(pair);
  } catch (error) {
    throw new BadPair(`${file}: cannot be used for TLS (${(error as Error).message})`);
  }
}

/** The DNS names of a certificate; of one without any its common name, as browsers once did. */
function namesOf(certificate: X509Certificate): string[] {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/(?:^|, )DNS:([^,"\s]+)/g)];
  const common = /^CN=(\S+)$/m.exec(certificate.subject ?? '');
  const found = names.length > 0 || common === null ? names : [common];
  return found.map(([, name]) => (name as string).toLowerCase());
}
