import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkCertificate } from '../../../src/config/check-certificate.ts';
import type { ServerCertificate } from '../../../src/model/certificate.ts';
import type { Certificate } from '../../support/certificates.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../support/tls');

/** A certificate as the router reads it. */
export function readOwn({ certFile, keyFile, cert, key }: Certificate): ServerCertificate {
  const checked = checkCertificate({ certFile, keyFile }, { cert, key });
  if ('problem' in checked) throw new Error(checked.problem);
  return checked;
}

/** One that lasts, for `somebody-else.test`. */
export function selfSigned(): ServerCertificate {
  const [certFile, keyFile] = ['self-signed.crt', 'self-signed.key'].map((name) => path.join(FOLDER, name));
  const [cert, key] = [certFile!, keyFile!].map((file) => readFileSync(file, 'utf8'));
  return readOwn({ certFile: certFile!, keyFile: keyFile!, cert: cert!, key: key! });
}
