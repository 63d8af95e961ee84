import { randomBytes } from 'node:crypto';
import {
  type CertificatePair,
  type CertificateSet,
  type CertificateStatus,
  type ServerCertificate,
  UnusableCertificates,
} from '../model/certificate.ts';
import { readSettledPair, stampOfPair } from './certificate-files.ts';
import { ValidityWatch } from './validity-watch.ts';

/**
 * The certificate files as a source of certificates: read at start, then whenever one of them changes.
 *
 *   beat or reload() ─▶ look: another file? ─▶ read, still the same? ─▶ fits? ─▶ in use · else wait, look again, refuse
 *
 * Files are looked at by `stat`, which follows the links that certbot and Kubernetes swap. A renewal is two files, so a
 * pair that does not fit may only be half of one: it has a moment to become whole. Each pair is for itself: one that is
 * bad keeps its last good certificate, and the others are renewed.
 */

/** Where certificates come from, and who is told. */
export interface CertificateSourceOptions {
  /** The first is for clients that name no other's host. */
  readonly pairs: readonly CertificatePair[];
  /** Told of every change after `load`, and when ticket keys are made anew. */
  readonly onChange: (set: CertificateSet) => void;
  readonly log: CertificateLog;
  readonly timing?: Partial<CertificateTiming>;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/** Where a person is told. Fits pino. */
export interface CertificateLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All times in ms. */
export interface CertificateTiming {
  readonly beatMs: number;
  /** How long files that do not fit may yet become whole. */
  readonly graceMs: number;
  /** How long ticket keys are used. */
  readonly ticketKeysMs: number;
}

const TIMING: CertificateTiming = { beatMs: 1000, graceMs: 3000, ticketKeysMs: 12 * 60 * 60 * 1000 };
interface Watched {
  readonly pair: CertificatePair;
  /** What the files looked like when they were judged last. */
  stamp: string;
  /** Since when they do not fit, by `performance.now()`; null: they do. */
  badSince: number | null;
  /** They had their time, and were refused for this. */
  refusedFor: string | null;
  current: ServerCertificate | null;
}

/** Reads the certificates, and reads them again whenever they may have changed. */
export class CertificateSource {
  readonly #options: CertificateSourceOptions;
  readonly #timing: CertificateTiming;
  readonly #watched: readonly Watched[];
  readonly #validity: ValidityWatch;
  readonly #now: () => number;
  #ticketKeys = newTicketKeys();
  #ticketKeysSince: number;
  #beat: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: CertificateSourceOptions) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#now = options.now ?? Date.now;
    this.#ticketKeysSince = this.#now();
    this.#validity = new ValidityWatch(options.log);
    this.#watched = options.pairs.map((pair) => ({
      ...{ pair, stamp: '', badSince: null, refusedFor: null, current: null },
    }));
  }

  /** The certificates to start with; from now on watches. @throws UnusableCertificates, with all that is wrong. */
  async load(): Promise<CertificateSet> {
    const problems: string[] = [];
    for (const watched of this.#watched) {
      const { stamp, judged } = await readSettledPair(watched.pair);
      watched.stamp = stamp;
      if ('problem' in judged) problems.push(judged.problem);
      else watched.current = judged;
    }
    if (problems.length > 0) throw new UnusableCertificates(problems);
    this.#validity.look(this.#certificates, this.#now());
    this.#beat = setInterval(() => void this.reload(), this.#timing.beatMs).unref();
    return this.#set;
  }

  /** Looks now; resolves when that is done. */
  reload(): Promise<void> {
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'certificates could not be looked at'),
      );
    return this.#looking;
  }

  status(): CertificateStatus {
    return {
      isCurrent: this.#watched.every(({ refusedFor }) => refusedFor === null),
      certificates: this.#certificates,
    };
  }

  async close(): Promise<void> {
    if (this.#beat !== null) clearInterval(this.#beat);
    await this.#looking;
  }

  get #certificates(): ServerCertificate[] {
    return this.#watched.flatMap(({ current }) => current ?? []);
  }

  get #set(): CertificateSet {
    return { certificates: this.#certificates, ticketKeys: this.#ticketKeys };
  }

  async #look(): Promise<void> {
    let hasChanged = false;
    for (const watched of this.#watched) hasChanged = (await this.#lookAt(watched)) || hasChanged;
    const now = this.#now();
    if (hasChanged || now - this.#ticketKeysSince >= this.#timing.ticketKeysMs) {
      this.#ticketKeys = newTicketKeys();
      this.#ticketKeysSince = now;
      this.#options.onChange(this.#set);
    }
    this.#validity.look(this.#certificates, now);
  }

  /** Whether another certificate is in use now. */
  async #lookAt(watched: Watched): Promise<boolean> {
    const isWaiting = watched.badSince !== null && watched.refusedFor === null;
    if (!isWaiting && (await stampOfPair(watched.pair)) === watched.stamp) return false;
    const { stamp, judged } = await readSettledPair(watched.pair);
    watched.stamp = stamp;
    if (!('problem' in judged)) return this.#accept(watched, judged);
    this.#refuse(watched, judged.problem);
    return false;
  }

  #refuse(watched: Watched, problem: string): void {
    watched.badSince ??= performance.now();
    const hadItsTime = performance.now() - watched.badSince >= this.#timing.graceMs;
    if (!hadItsTime || watched.refusedFor === problem) return;
    watched.refusedFor = problem;
    this.#options.log.error(
      { certificate: watched.pair.certFile, problem },
      'certificate rejected: the last good one goes on being used',
    );
  }

  #accept(watched: Watched, found: ServerCertificate): boolean {
    const { current, refusedFor } = watched;
    watched.badSince = null;
    watched.refusedFor = null;
    const isSame = current !== null && current.cert === found.cert && current.key === found.key;
    if (!isSame) watched.current = found;
    if (!isSame || refusedFor !== null) this.#tell(found);
    return !isSame;
  }

  #tell({ certFile, names, notAfterMs }: ServerCertificate): void {
    const fields = { certificate: certFile, names, not_after: new Date(notAfterMs).toISOString() };
    this.#options.log.info(fields, 'certificate in use');
  }
}

/** The pairs that settings name: each certificate with the key at the same place. */
export function pairsOf(certFiles: readonly string[], keyFiles: readonly string[]): CertificatePair[] {
  return certFiles.map((certFile, at) => ({ certFile, keyFile: keyFiles[at] ?? '' }));
}

function newTicketKeys(): string {
  return randomBytes(48).toString('base64');
}
