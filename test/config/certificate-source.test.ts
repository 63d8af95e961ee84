import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CertificateSource, pairsOf } from '../../src/config/certificate-source.ts';
import { type CertificateSet, UnusableCertificates } from '../../src/model/certificate.ts';
import { Authority, type Certificate } from '../support/certificates.ts';

let authority: Authority;

beforeAll(() => {
  authority = new Authority();
});

afterAll(() => authority.remove());

/** A source of these certificates that looks only when it is told to, with what it told. */
function sourceOf(certificates: readonly Certificate[], graceMs = 0) {
  const sets: CertificateSet[] = [];
  const lines: [level: string, message: string, fields: object][] = [];
  const clock = { now: Date.now() };
  const say = (level: string) => (fields: object, message: string) =>
    void lines.push([level, message, fields]);
  const source = new CertificateSource({
    pairs: pairsOf(
      certificates.map(({ certFile }) => certFile),
      certificates.map(({ keyFile }) => keyFile),
    ),
    onChange: (set) => sets.push(set),
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    timing: { beatMs: 60_000, graceMs },
    now: () => clock.now,
  });
  return { source, sets, lines, clock };
}

function overwrite(certificate: Certificate, by: Certificate): void {
  writeFileSync(certificate.certFile, by.cert);
  writeFileSync(certificate.keyFile, by.key);
}

describe('CertificateSource', () => {
  it('renews one pair while another is bad', async () => {
    const [a, b] = [authority.issue('a', ['DNS:a.test']), authority.issue('b', ['DNS:b.test'])];
    const { source, sets, lines } = sourceOf([a, b]);
    await source.load();
    const renewed = authority.issue('a2', ['DNS:a.test', 'DNS:a2.test']);
    overwrite(a, renewed);
    writeFileSync(b.keyFile, renewed.key);
    await source.reload();
    expect(sets.map(({ certificates }) => certificates.map(({ names }) => names))).toEqual([
      [['a.test', 'a2.test'], ['b.test']],
    ]);
    expect(source.status().isCurrent).toBe(false);
    const errors = lines.filter(([level]) => level === 'error');
    expect(errors).toHaveLength(1);
    await source.reload();
    expect(lines.filter(([level]) => level === 'error')).toEqual(errors);
    writeFileSync(b.keyFile, b.key);
    await source.reload();
    expect(source.status().isCurrent).toBe(true);
    expect(sets).toHaveLength(1);
    await source.close();
  });

  it('gives a pair that does not fit its time', async () => {
    const c = authority.issue('c', ['DNS:c.test']);
    const { source, lines } = sourceOf([c], 60_000);
    await source.load();
    writeFileSync(c.keyFile, authority.issue('d', ['DNS:d.test']).key);
    await source.reload();
    expect(source.status().isCurrent).toBe(true);
    expect(lines.filter(([level]) => level === 'error')).toEqual([]);
    await source.close();
  });

  it('makes ticket keys anew with each certificate, and twice a day', async () => {
    const e = authority.issue('e', ['DNS:e.test']);
    const { source, sets, clock } = sourceOf([e]);
    const { ticketKeys } = await source.load();
    await source.reload();
    expect(sets).toHaveLength(0);
    clock.now += 12 * 3600 * 1000;
    await source.reload();
    overwrite(e, authority.issue('e2', ['DNS:e.test']));
    await source.reload();
    expect(new Set([ticketKeys, ...sets.map((set) => set.ticketKeys)]).size).toBe(3);
    expect(Buffer.from(ticketKeys, 'base64')).toHaveLength(48);
    await source.close();
  });

  it('warns once of a certificate that ends soon, and again when it has expired', async () => {
    const { source, lines, clock } = sourceOf([authority.issue('f', ['DNS:f.test'])]);
    await source.load();
    await source.reload();
    clock.now += 3 * 24 * 3600 * 1000;
    await source.reload();
    await source.reload();
    expect(lines.map(([, message]) => message)).toEqual([
      'this certificate expires in less than two weeks',
      'this certificate has expired: clients refuse it',
    ]);
    await source.close();
  });

  it('says everything that is wrong at once', async () => {
    const [g, h] = [authority.issue('g', ['DNS:g.test']), authority.issue('h', ['DNS:h.test'])];
    const { source } = sourceOf([
      { ...g, keyFile: h.keyFile },
      { ...h, certFile: '/nowhere.pem' },
    ]);
    const error = await source.load().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnusableCertificates);
    expect((error as UnusableCertificates).problems).toEqual([
      `${h.keyFile}: the key does not belong to the certificate in ${g.certFile}`,
      '/nowhere.pem: there is no such file',
    ]);
  });
});
