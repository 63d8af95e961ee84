import { readFile, realpath } from 'node:fs/promises';

/**
 * Whether a file is itself a mount point, as `-v ./routes.yaml:/etc/banyan/routes.yaml` makes it. Such a file does not
 * follow a rename: an editor that saves by one changes the host's file, and the container goes on seeing the old one.
 */
export async function isMountedFile(path: string, mountinfo = '/proc/self/mountinfo'): Promise<boolean> {
  try {
    const [file, table] = await Promise.all([realpath(path), readFile(mountinfo, 'utf8')]);
    return mountPoints(table).has(file);
  } catch {
    return false;
  }
}

/** The fifth field of each line (proc(5)); space, tab, line feed and backslash are written in octal there. */
export function mountPoints(mountinfo: string): Set<string> {
  const points = mountinfo.split('\n').map((line) => line.split(' ')[4] ?? '');
  return new Set(
    points.map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    ),
  );
}
