import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Crew, type CrewMember, type WorkerEnd, waitAfter } from '../../src/workers/crew.ts';

/** A worker that ends when it is told to. */
class FakeMember implements CrewMember {
  readonly pid: number;
  readonly worker: number;
  readonly ended: Promise<WorkerEnd>;
  isRetired = false;
  end!: (end: WorkerEnd) => void;

  constructor(worker: number, pid: number) {
    this.worker = worker;
    this.pid = pid;
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  retire(): Promise<void> {
    this.isRetired = true;
    this.end({ code: 0, signal: null });
    return Promise.resolve();
  }

  kill(): void {
    this.end({ code: null, signal: 'SIGKILL' });
  }
}

let now = 0;
let launched: FakeMember[];
let failures: number;
let waits: number[];
const line = () => vi.fn<(fields: object, message: string) => void>();
let log: { info: ReturnType<typeof line>; error: ReturnType<typeof line> };
let crew: Crew;

beforeEach(async () => {
  now = 0;
  launched = [];
  failures = 0;
  waits = [];
  log = { info: line(), error: line() };
  crew = new Crew({
    workers: 2,
    log,
    now: () => now,
    wait: async (ms) => void waits.push(ms),
    launch: async (worker) => {
      if (failures-- > 0) throw new Error('no memory');
      const member = new FakeMember(worker, 100 + launched.length);
      launched.push(member);
      return member;
    },
  });
  await crew.start();
});

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const pids = (): number[] => crew.members.map(({ pid }) => pid);
const said = (part: { mock: { calls: unknown[][] } }): unknown[] =>
  part.mock.calls.map(([, message]) => message);

describe('a crew', () => {
  it('replaces a worker that ended by itself, at once, under its number', async () => {
    launched[0]!.kill();
    await settle();
    expect(pids()).toEqual([102, 101]);
    expect(launched[2]!.worker).toBe(1);
    expect(waits).toEqual([]);
    expect(crew.replaced).toEqual({ crash: 1, restart: 0 });
    expect(log.error).toHaveBeenCalledWith(
      expect.objectContaining({ worker: 1, pid: 100, signal: 'SIGKILL', lived_ms: 0 }),
      'a worker has ended by itself; its exchanges are lost',
    );
  });

  it('waits longer and longer for one that keeps ending, says so, and forgives a long life', async () => {
    for (let i = 0; i < 4; i++) {
      launched.at(-1)!.kill();
      await settle();
    }
    expect(waits).toEqual([200, 400, 800]);
    expect(said(log.error)).toContain('a worker keeps ending: the next start waits');
    now += 120_000;
    launched.at(-1)!.kill();
    await settle();
    expect(waits).toHaveLength(3);
    expect([waitAfter(1), waitAfter(2), waitAfter(50)]).toEqual([0, 200, 30_000]);
  });

  it('goes on trying when a replacement does not start', async () => {
    failures = 2;
    launched[0]!.kill();
    await settle();
    expect(pids()).toEqual([102, 101]);
    expect(waits).toEqual([200, 400]);
    expect(said(log.error).filter((message) => message === 'a worker did not start')).toHaveLength(2);
  });

  it('restarts one by one: the new one serves before the old one retires', async () => {
    const seen: number[] = [];
    for (const member of launched) {
      const retire = member.retire.bind(member);
      member.retire = () => {
        seen.push(crew.members.length, launched.length);
        return retire();
      };
    }
    await crew.restart();
    expect(seen).toEqual([2, 3, 2, 4]);
    expect(pids()).toEqual([102, 103]);
    expect(crew.replaced).toEqual({ crash: 0, restart: 2 });
    expect(log.error).not.toHaveBeenCalled();
  });

  it('gives a restart up when a new one does not start: the old ones go on', async () => {
    failures = 1;
    await crew.restart();
    expect(pids()).toEqual([100, 101]);
    expect(said(log.error)).toContain('the restart is given up: the other workers go on');
  });

  it('does not restart twice at a time', async () => {
    await Promise.all([crew.restart(), crew.restart()]);
    expect(launched).toHaveLength(4);
  });

  it('replaces nobody once it stops', async () => {
    crew.stop();
    launched[0]!.kill();
    await settle();
    await crew.restart();
    expect(launched).toHaveLength(2);
  });
});
