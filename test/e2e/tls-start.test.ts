import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Authority, type Certificate } from '../support/certificates.ts';
import { startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { ask, get } from '../support/raw-client.ts';
import { runBanyan } from '../support/run-banyan.ts';
import { startRouter } from '../support/start-router.ts';

/** What is wrong with certificates is said before anything is served. */

let authority: Authority;
let legacy: RawBackend;
let good: Certificate;
let other: Certificate;
let routesFile: string;

beforeAll(async () => {
  authority = new Authority();
  legacy = await startNamed('legacy');
  good = authority.issue('good', ['DNS:shop.test']);
  other = authority.issue('other', ['DNS:shop.test']);
  routesFile = file('routes.yaml', `legacy: ${legacy.url}\n`);
});

afterAll(async () => {
  await legacy.stop();
  authority.remove();
});

function file(name: string, text: string): string {
  const name_ = path.join(authority.folder, name);
  writeFileSync(name_, text);
  return name_;
}

/** Certificate and key files of each case, and what is said of them. */
const CASES: readonly [string, () => readonly [cert: string, key: string], RegExp][] = [
  [
    'another key',
    () => [good.certFile, other.keyFile],
    /other\.key: the key does not belong to the certificate in .*good\.pem$/m,
  ],
  ['no such file', () => [`${good.certFile}.gone`, good.keyFile], /good\.pem\.gone: there is no such file$/m],
  ['a folder', () => [good.certFile, authority.folder], /: is a folder$/m],
  ['an empty certificate', () => [file('empty.pem', ''), good.keyFile], /empty\.pem: is empty$/m],
  ['an empty key', () => [good.certFile, file('empty.key', '')], /empty\.key: is empty$/m],
  [
    'no PEM',
    () => [file('der.pem', '\x30\x82'), good.keyFile],
    /der\.pem: holds no certificate in PEM form$/m,
  ],
  [
    'files that are swapped',
    () => [good.keyFile, good.certFile],
    /good\.key: holds a key and no certificate: are the two files swapped\?$/m,
  ],
  [
    'a certificate for a key',
    () => [good.certFile, good.certFile],
    /good\.pem: holds no private key in PEM form$/m,
  ],
  [
    'a chain in the wrong order',
    () => [file('chain.pem', authority.own.cert + good.cert), good.keyFile],
    /chain\.pem: does not begin with the server's own certificate: put it first, then the chain$/m,
  ],
  [
    'a broken certificate',
    () => [file('broken.pem', good.cert.replace(/\n.{20}/, '\n')), good.keyFile],
    /broken\.pem: holds a certificate that cannot be read/m,
  ],
  [
    'an encrypted key',
    () => [good.certFile, authority.encryptedKey(good)],
    /the key is encrypted; keep it without a passphrase/m,
  ],
];

describe.each(CASES)('%s', (_, files, message) => {
  it('ends the start with 78, and says why', async () => {
    const [cert, key] = files();
    const listen = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0'];
    const flags = ['--routes', routesFile, ...listen, '--tls-cert', cert, '--tls-key', key];
    const { code, err } = await runBanyan(['serve', ...flags]);
    expect(code).toBe(78);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
  });

  it('is found by validate', async () => {
    const [cert, key] = files();
    const env = { TLS_LISTEN: ':8443', TLS_CERT: cert, TLS_KEY: key };
    const { code, out } = await runBanyan(['validate', routesFile], { env });
    expect(code).toBe(78);
    expect(out.replace(/ error /, ': ')).toMatch(message);
  });
});

it('a file that the router may not read', async () => {
  const secret = file('secret.key', good.key);
  chmodSync(secret, 0);
  chmodSync(authority.folder, 0o755);
  const env = { TLS_LISTEN: ':8443', TLS_CERT: good.certFile, TLS_KEY: secret };
  // Root may read everything.
  const uid = process.getuid?.() === 0 ? { uid: 65_534 } : {};
  const { code, out } = await runBanyan(['validate', routesFile], { env, ...uid });
  expect(code).toBe(78);
  expect(out).toContain('secret.key error the router may not read it');
});

it('validate is content with what is good', async () => {
  const env = { TLS_LISTEN: ':8443', TLS_CERT: good.certFile, TLS_KEY: good.keyFile };
  const { code, out } = await runBanyan(['validate', routesFile], { env });
  // It lives for two days, which is said.
  expect(out).toContain('good.pem warning this certificate expires in less than two weeks');
  expect(code).toBe(0);
});

it('a certificate that has expired is used, with a warning', async () => {
  const expired = authority.issueExpired('expired', ['DNS:shop.test']);
  const flags = ['--front', 'wire', '--tls-listen', '127.0.0.1:0'];
  const router = await startRouter(`legacy: ${legacy.url}\n`, {
    flags: [...flags, '--tls-cert', expired.certFile, '--tls-key', expired.keyFile],
  });
  const line = await router.log(({ msg }) => msg === 'this certificate has expired: clients refuse it');
  expect(line['certificate']).toBe(expired.certFile);
  expect((await ask(router.tlsUrl, get('/'))).status).toBe(200);
  const notAfter = await router.metric('banyan_tls_certificate_not_after_seconds');
  expect(notAfter).toBeLessThan(Date.now() / 1000);
  expect(await router.stop()).toBe(0);
});

it('a port that is taken is named', async () => {
  const taken = await startNamed('taken');
  const { port } = taken;
  const pair = ['--tls-cert', good.certFile, '--tls-key', good.keyFile];
  const listen = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--tls-listen', `127.0.0.1:${port}`];
  const { code, err } = await runBanyan(['serve', '--routes', routesFile, ...listen, ...pair]);
  await taken.stop();
  expect(code).toBe(1);
  expect(err).toContain(`cannot listen on 127.0.0.1:${port} (--tls-listen): another process listens there`);
});
