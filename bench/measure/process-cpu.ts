/**
 * What a process has used, from the kernel's own books. /proc/PID/stat counts in ticks of 10 ms, too coarse for half
 * a second of work; the scheduler's sum per thread (/proc/PID/task/TID/schedstat) is in nanoseconds. All processes of
 * a process group count: the workers of nginx are in the group of the process that was started.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a group of processes, and where it was read. */
export interface CpuReading {
  readonly seconds: number;
  readonly source: 'schedstat' | 'ticks';
}

const TICKS_PER_SECOND = 100;

/** All processes whose group this is. */
export function processesOfGroup(group: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statFields(pid)?.[2] === String(group));
}

/** Of these processes together, with all their threads that live; a process that has ended counts nothing. */
export function cpuOf(pids: readonly number[]): CpuReading {
  const readings = pids.map((pid) => fromScheduler(pid));
  if (readings.every((seconds) => seconds !== null))
    return { seconds: sum(readings as readonly number[]), source: 'schedstat' };
  return { seconds: sum(pids.map(fromTicks)), source: 'ticks' };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Null where the kernel does not keep it (CONFIG_SCHED_INFO). */
function fromScheduler(pid: number): number | null {
  const threads = reading(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const times = threads.map((thread) => schedulerTime(`/proc/${pid}/task/${thread}/schedstat`));
  return times.includes(null) ? null : sum(times as readonly number[]);
}

function schedulerTime(file: string): number | null {
  const text = reading(() => readFileSync(file, 'utf8'));
  const nanoseconds = Number(text?.split(' ')[0]);
  return text === null || !(nanoseconds > 0) ? null : nanoseconds / 1e9;
}

function fromTicks(pid: number): number {
  const fields = statFields(pid);
  return (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) / TICKS_PER_SECOND;
}

/** Resident memory in bytes of these processes together. */
export function residentBytes(pids: readonly number[]): number {
  return sum(
    pids.map((pid) => {
      const text = reading(() => readFileSync(`/proc/${pid}/status`, 'utf8')) ?? '';
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
    }),
  );
}

/** What follows the name in /proc/PID/stat: state, parent, group, … */
function statFields(pid: number): readonly string[] | null {
  const stat = reading(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Processes and threads come and go while /proc is read. */
function reading<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
