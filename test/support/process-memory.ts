import { readFile } from 'node:fs/promises';

/** Resident memory of a process in bytes, from /proc. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Watches a process's resident memory until `stop`, which gives the highest seen. */
export function watchMemory(pid: number, everyMs = 20): { stop(): Promise<number> } {
  let highest = 0;
  let isStopped = false;
  const look = async (): Promise<void> => {
    while (!isStopped) {
      highest = Math.max(highest, await residentBytes(pid));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  };
  const looking = look();
  return {
    stop: async () => {
      isStopped = true;
      await looking;
      return highest;
    },
  };
}
