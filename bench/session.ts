/** One run of the bench: the backend, the load processes, and the proxies that are up at the moment. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LoadGenerator } from './load/load-generator.ts';
import type { Cores } from './measure/machine.ts';
import { machineTime } from './measure/machine.ts';
import { cpuOf, processesOfGroup, residentBytes } from './measure/process-cpu.ts';
import { type Books, type Slot, slotOf } from './measure/slot.ts';
import type { Peer } from './peers/peer.ts';
import { emptyLog, freePort, type Processes, type Running } from './processes.ts';
import { ASKED_PREFIX, type Workload } from './workloads.ts';

/** A proxy that takes connections. */
export interface RunningPeer {
  readonly peer: Peer;
  readonly running: Running;
  readonly port: number;
  /** How often it was measured, warm-ups included. */
  readonly measured: { count: number };
}

/** How long a slot is, and where it belongs. */
export interface SlotSetting {
  readonly round: number;
  readonly forMs: number;
}

/** Holds what runs; `Processes` ends it. */
export class Session {
  readonly #processes: Processes;
  readonly #folder: string;
  readonly #cores: Cores;
  readonly #load: LoadGenerator;
  readonly #backend: Running;
  readonly #backendPort: number;
  #started = 0;

  private constructor(setting: {
    processes: Processes;
    folder: string;
    cores: Cores;
    backend: Running;
    backendPort: number;
  }) {
    this.#processes = setting.processes;
    this.#folder = setting.folder;
    this.#cores = setting.cores;
    this.#backend = setting.backend;
    this.#backendPort = setting.backendPort;
    this.#load = new LoadGenerator(setting.processes, setting.folder, setting.cores.load);
  }

  static async open(processes: Processes, folder: string, cores: Cores): Promise<Session> {
    const backend = processes.start({
      name: 'backend',
      command: process.execPath,
      args: [path.join(folder, 'backend-process.mjs')],
      cores: cores.backend,
      stdout: 'ipc',
    });
    const backendPort = await firstNumber(backend);
    return new Session({ processes, folder, cores, backend, backendPort });
  }

  /** Rejects when it does not come up. */
  async startProxy(peer: Peer, routes: number): Promise<RunningPeer> {
    const name = `${peer.id}-${routes}-${this.#started++}`;
    const folder = path.join(this.#folder, name);
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const setting = { port, backendPort: this.#backendPort, prefixes: prefixesOf(routes), folder };
    const { command, args, env = {}, files } = peer.start(setting);
    for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
    const running = this.#processes.start({
      name,
      command,
      args,
      env,
      cores: this.#cores.proxy,
      stdout: path.join(folder, 'access.log'),
    });
    await this.#processes.untilItAccepts(running, port);
    return { peer, running, port, measured: { count: 0 } };
  }

  /** It is not needed any more. */
  async endProxy({ running }: RunningPeer): Promise<void> {
    await this.#processes.end(running);
  }

  /** Resident memory of all its processes. */
  residentBytes({ running }: RunningPeer): number {
    return residentBytes(processesOfGroup(running.pid));
  }

  /** Opens connections, a few at a time, with one answered request each, and leaves them open. How many failed. */
  async hold({ port }: RunningPeer, { load, connections }: Workload): Promise<number> {
    return this.#load.hold({ ...load, port, connections });
  }

  /** Ends what `hold` opened. */
  async letGo(): Promise<void> {
    await this.#load.letGo();
  }

  /** Measures one proxy under one workload. */
  async measure(proxy: RunningPeer, workload: Workload, { round, forMs }: SlotSetting): Promise<Slot> {
    await this.#load.prepare({
      ...workload.load,
      port: proxy.port,
      connections: workload.connections,
    });
    const groups = {
      proxy: processesOfGroup(proxy.running.pid),
      backend: processesOfGroup(this.#backend.pid),
      load: this.#load.processes.map(({ pid }) => processesOfGroup(pid)),
    };
    const before = booksOf(groups);
    const result = await this.#load.go(forMs);
    const after = booksOf(groups);
    emptyLog(proxy.running);
    proxy.measured.count += 1;
    return slotOf({ workload: workload.id, peer: proxy.peer.id, round }, { before, after, result });
  }
}

function booksOf(groups: {
  proxy: readonly number[];
  backend: readonly number[];
  load: readonly (readonly number[])[];
}): Books {
  const own = process.cpuUsage();
  return {
    atMs: performance.now(),
    proxy: cpuOf(groups.proxy),
    backend: cpuOf(groups.backend),
    load: groups.load.map((pids) => cpuOf(pids)),
    machine: machineTime(),
    own: (own.user + own.system) / 1e6,
  };
}

/** Many that are never asked for, then the one that is. */
export function prefixesOf(routes: number): readonly string[] {
  const others = Array.from({ length: routes - 1 }, (_, i) => `/api/area${i % 100}/thing${i}`);
  return [...others, ASKED_PREFIX];
}

function firstNumber({ child, name }: Running): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${name} has ended`)));
    child.stdout?.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())));
  });
}
