/** Programs of the system: where they are, and what they say of themselves. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Debian puts servers where the PATH of ordinary users does not look. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The whole path of a program; null if it is not installed. */
export function programAt(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...FURTHER_FOLDERS];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** What it says of its version, on either stream; `unknown` when the pattern finds nothing. */
export function versionOf(name: string, args: readonly string[], pattern: RegExp): string {
  const file = programAt(name);
  if (file === null) return 'missing';
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return pattern.exec(`${stdout}\n${stderr}`)?.[1] ?? 'unknown';
}

/** For `Peer.missing`. */
export function missingPackage(program: string, debianPackage: string): string | null {
  return programAt(program) === null ? `${program} is not installed: apt-get install ${debianPackage}` : null;
}
