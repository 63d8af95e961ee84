import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A key and its certificate, as PEM files and as text. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** An authority of a test's own: made with openssl, gone with its folder. */
export class Authority {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'banyan-ca-'));
  readonly own: Certificate;

  constructor() {
    this.own = this.#signed('ca', ['-subj', '/CN=Test authority'], 'basicConstraints=critical,CA:TRUE', null);
  }

  /** A certificate for these names and addresses (`DNS:shop`, `IP:127.0.0.1`). */
  issue(name: string, subjects: readonly string[]): Certificate {
    const extensions = `subjectAltName=${subjects.join(',')}`;
    return this.#signed(name, ['-subj', `/CN=${name}`], extensions, this.own);
  }

  /** The same with an RSA key of 2048 bits. */
  issueRsa(name: string, subjects: readonly string[]): Certificate {
    const rsa = ['genrsa', '-out'];
    return this.#signed(name, ['-subj', `/CN=${name}`], `subjectAltName=${subjects.join(',')}`, this.own, {
      rsa,
    });
  }

  /** One that has expired. */
  issueExpired(name: string, subjects: readonly string[]): Certificate {
    const days = '-1';
    return this.#signed(name, ['-subj', `/CN=${name}`], `subjectAltName=${subjects.join(',')}`, this.own, {
      days,
    });
  }

  /** One that nobody vouches for. */
  selfSigned(name: string, subjects: readonly string[]): Certificate {
    return this.#signed(name, ['-subj', `/CN=${name}`], `subjectAltName=${subjects.join(',')}`, null);
  }

  /** A file with the same key under a passphrase. */
  encryptedKey({ keyFile }: Certificate): string {
    const file = `${keyFile}.encrypted`;
    execFileSync('openssl', ['pkcs8', '-topk8', '-in', keyFile, '-out', file, '-passout', 'pass:secret']);
    return file;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #signed(
    name: string,
    subject: readonly string[],
    extensions: string,
    by: Certificate | null,
    { rsa, days = '2' }: { readonly rsa?: readonly string[]; readonly days?: string } = {},
  ): Certificate {
    const file = (suffix: string): string => path.join(this.folder, `${name}.${suffix}`);
    const openssl = (...args: string[]): void => {
      execFileSync('openssl', args, { stdio: 'pipe' });
    };
    openssl(...(rsa ?? ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out']), file('key'));
    openssl('req', '-new', '-key', file('key'), ...subject, '-out', file('csr'));
    writeFileSync(file('ext'), `${extensions}\n`);
    const signer =
      by === null ? ['-signkey', file('key')] : ['-CA', by.certFile, '-CAkey', by.keyFile, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      file('csr'),
      ...signer,
      '-days',
      days,
      '-extfile',
      file('ext'),
      '-out',
      file('pem'),
    );
    return {
      certFile: file('pem'),
      keyFile: file('key'),
      cert: readFileSync(file('pem'), 'utf8'),
      key: readFileSync(file('key'), 'utf8'),
    };
  }
}
