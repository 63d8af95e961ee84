/** The machine: which cores there are, what it did beside the bench, and what it is called. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Which cores each part is pinned to; null: wherever the kernel likes. */
export interface Cores {
  readonly proxy: readonly number[] | null;
  readonly backend: readonly number[] | null;
  readonly load: readonly number[] | null;
}

/**
 * The proxy has a core of its own from two on, the backend from three, load takes two from four on. The proxy is on
 * the last, since interrupts mostly come to the first.
 */
export function coresFor(allowed: readonly number[]): Cores {
  const [last, second, ...rest] = [...allowed].reverse();
  if (last === undefined || second === undefined) return { proxy: null, backend: null, load: null };
  if (rest.length === 0) return { proxy: [last], backend: [second], load: [second] };
  return { proxy: [last], backend: [second], load: rest.slice(0, 2) };
}

/** `0-3,6` is 0, 1, 2, 3, 6. */
export function coresInList(list: string): readonly number[] {
  return list
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
}

/** The cores that this process may use. */
export function allowedCores(): readonly number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return coresInList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '');
}

/** Busy and stolen time of all cores since the machine started, in seconds. */
export interface MachineTime {
  readonly busy: number;
  readonly stolen: number;
}

/** From the first line of /proc/stat: user nice system idle iowait irq softirq steal …, in ticks of 10 ms. */
export function machineTime(stat: string = readFileSync('/proc/stat', 'utf8')): MachineTime {
  const fields = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return { busy: (user + nice + system + irq + softirq) / 100, stolen: steal / 100 };
}

/** For the reader of the table. */
export interface MachineNames {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
}

/** What this machine calls itself. */
export function machineNames(): MachineNames {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: allowedCores().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release().replace(/-.*/, ''),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(fileOr('/etc/os-release'))?.[1] ?? process.platform,
    node: process.version.slice(1),
  };
}

function fileOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whether `taskset` is there; without it nothing is pinned. */
export function canPin(): boolean {
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
