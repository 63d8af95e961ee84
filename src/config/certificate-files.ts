import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CertificatePair, ServerCertificate } from '../model/certificate.ts';
import { checkCertificate, type PairTexts } from './check-certificate.ts';

/** A pair that can serve, or what is wrong with it, naming the file. */
export type JudgedPair = ServerCertificate | { readonly problem: string };

/** What the files of a pair were when it was judged: another stamp, other files. */
export interface StampedPair {
  readonly stamp: string;
  readonly judged: JudgedPair;
}

/** Between two readings of a pair that was being written. */
const SETTLE_MS = 30;
const READINGS = 10;

/** Reads both files as they are at one moment: between two looks that agree. */
export async function readSettledPair(pair: CertificatePair): Promise<StampedPair> {
  for (let reading = 1; ; reading++) {
    const stamp = await stampOfPair(pair);
    const judged = await judgePair(pair);
    if (reading === READINGS || stamp === (await stampOfPair(pair))) return { stamp, judged };
    await sleep(SETTLE_MS);
  }
}

/** Reads a pair once, and judges it. */
export async function judgePair(pair: CertificatePair): Promise<JudgedPair> {
  const texts: PairTexts[] = [];
  try {
    texts.push({ cert: await read(pair.certFile), key: await read(pair.keyFile) });
  } catch (error) {
    return { problem: (error as Error).message };
  }
  return checkCertificate(pair, texts[0] as PairTexts);
}

/** Tells files apart by `stat`, which follows the links that certbot and Kubernetes swap. */
export async function stampOfPair({ certFile, keyFile }: CertificatePair): Promise<string> {
  return `${await stampOf(certFile)}, ${await stampOf(keyFile)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the router may not read it',
  EPERM: 'the router may not read it',
  EISDIR: 'is a folder',
};

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(`${file}: ${REASONS[code ?? ''] ?? `cannot be read (${message})`}`, { cause: error });
  }
}

async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unreadable';
  }
}
