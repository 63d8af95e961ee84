import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { processesOfGroup } from '../../../bench/measure/process-cpu.ts';
import { programAt } from '../../../bench/peers/programs.ts';
import { freePort, Processes, type Running } from '../../../bench/processes.ts';
import { limit } from './limited-command.ts';
import type { ProxyKind, ProxyOptions, Shop, StartedProxy } from './proxy.ts';

/** How a program of the system is run as a proxy. */
export interface Peer {
  readonly kind: ProxyKind;
  /** Name of the program. */
  readonly program: string;
  readonly configFile: string;
  readonly config: (shop: Shop, place: PeerPlace) => string;
  readonly args: (place: PeerPlace) => readonly string[];
  /** Tells its first process to read its file again. */
  readonly reloadSignal: NodeJS.Signals;
  /** Tells its first process to finish what is under way and end. */
  readonly stopSignal: NodeJS.Signals;
}

/** Where it listens, and the folder that is its own. */
export interface PeerPlace {
  readonly port: number;
  readonly folder: string;
}

/** Starts a peer on a free port. */
export async function startPeer(peer: Peer, shop: Shop, options: ProxyOptions): Promise<StartedProxy> {
  const place = {
    port: await freePort(),
    folder: await mkdtemp(path.join(tmpdir(), `banyan-${peer.kind}-`)),
  };
  const file = path.join(place.folder, peer.configFile);
  await writeFile(file, peer.config(shop, place));
  const processes = new Processes(place.folder);
  const running = processes.start({
    ...commandOf(peer, place, options),
    name: peer.kind,
    cores: null,
    stdout: path.join(place.folder, 'output.log'),
  });
  await processes.untilItAccepts(running, place.port);
  const reload = async (text: string): Promise<void> => {
    await writeFile(file, text);
    signal(running, peer.reloadSignal);
  };
  return {
    kind: peer.kind,
    port: place.port,
    get router(): never {
      throw new Error(`${peer.kind} is not Banyan`);
    },
    pids: () => processesOfGroup(running.pid),
    reload: (next) => reload(peer.config(next, place)),
    spoil: () => reload('nonsense {\n'),
    stop: () => ended(running, peer.stopSignal),
    kill: async () => {
      processes.killAll();
      await processes.endAll();
      await rm(place.folder, { recursive: true, force: true });
    },
  };
}

function commandOf(peer: Peer, place: PeerPlace, { descriptors }: ProxyOptions) {
  const program = programAt(peer.program) ?? peer.program;
  const args = peer.args(place);
  if (descriptors === undefined) return { command: program, args };
  return {
    command: 'bash',
    args: ['-c', `${limit(descriptors)}; exec "$0" "$@"`, program, ...args],
  };
}

function signal({ child }: Running, name: NodeJS.Signals): void {
  child.kill(name);
}

function ended(running: Running, name: NodeJS.Signals): Promise<void> {
  const { child } = running;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    signal(running, name);
  });
}
