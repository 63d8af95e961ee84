/**
 * What processes have used, from the kernel's own books. /proc/PID/stat counts in ticks of 10 ms, too coarse for half
 * a second of work; the scheduler's sum per thread (/proc/PID/task/TID/schedstat) is in nanoseconds. All processes of
 * a process group count: the workers of nginx are in the group of the process that was started.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** CPU seconds of each thread that lives; of each process, where the kernel keeps no more than that. */
export type CpuReading = ReadonlyMap<string, number>;

const TICKS_PER_SECOND = 100;

/** All processes whose group this is. */
export function processesOfGroup(group: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statFields(pid)?.[2] === String(group));
}

/** Of these processes, with all their threads. A process that has ended has none. */
export function cpuOf(pids: readonly number[]): CpuReading {
  return new Map(pids.flatMap((pid) => fromScheduler(pid) ?? fromTicks(pid)));
}

/** Seconds used between two readings. A thread that ended meanwhile counts nothing, rather than less than nothing. */
export function secondsBetween(before: CpuReading, after: CpuReading): number {
  return sum([...after].map(([thread, seconds]) => seconds - (before.get(thread) ?? 0)));
}

/** Null where the kernel does not keep it (CONFIG_SCHED_INFO): the first thread, at least, has run. */
function fromScheduler(pid: number): readonly (readonly [string, number])[] | null {
  if (schedulerTime(pid, String(pid)) === 0) return null;
  const threads = reading(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  return threads.map((thread) => [`${pid}/${thread}`, schedulerTime(pid, thread)] as const);
}

/** In seconds; 0 where it is not kept, and for a thread that has just begun or ended. */
function schedulerTime(pid: number, thread: string): number {
  const text = reading(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
  return Number(text?.split(' ')[0] ?? 0) / 1e9;
}

function fromTicks(pid: number): readonly (readonly [string, number])[] {
  const fields = statFields(pid);
  return fields === null ? [] : [[String(pid), (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND]];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
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
