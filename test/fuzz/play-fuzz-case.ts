import net from 'node:net';
import tls from 'node:tls';
import { type FuzzBackend, FuzzLane, type FuzzRecord } from './fuzz-backend.ts';
import { type FuzzCase, piecesOf } from './fuzz-case.ts';
import type { Ended } from './reference-answers.ts';

/** What one case did. */
export interface Played {
  readonly one: FuzzCase;
  /** All that the client got. */
  readonly bytes: string;
  /** How the connection ended; `open`: it did not within {@link LIMIT_MS}. */
  readonly ended: Ended;
  readonly records: readonly FuzzRecord[];
}

/** Where it is played. */
export interface Stage {
  readonly port: number;
  /** Clients speak TLS with it. */
  readonly isTls: boolean;
  readonly backend: FuzzBackend;
}

/** Every case is over by then: all time limits of the router are shorter. */
export const LIMIT_MS = 30_000;
/** A client that leaves may find what it sent earlier at work a little longer. */
const GONE_MS = 30;

/** Plays a case from an address of its own. */
export async function playFuzzCase(
  one: FuzzCase,
  { port, isTls, backend }: Stage,
  address: string,
): Promise<Played> {
  const lane = new FuzzLane(one.replies);
  backend.lanes.set(address, lane);
  const { bytes, ended } = await talk(one, { port, isTls, localAddress: address });
  if (one.ending !== 'last') await new Promise((resolve) => setTimeout(resolve, GONE_MS));
  return { one, bytes, ended, records: lane.records };
}

interface Place {
  readonly port: number;
  readonly isTls: boolean;
  readonly localAddress: string;
}

function talk(one: FuzzCase, { port, isTls, localAddress }: Place): Promise<Pick<Played, 'bytes' | 'ended'>> {
  return new Promise((resolve, reject) => {
    const raw = net.connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
    const socket = isTls ? tls.connect({ socket: raw, rejectUnauthorized: false }) : raw;
    // A TLS socket cannot be reset by itself.
    if (isTls) socket.resetAndDestroy = () => raw.resetAndDestroy();
    const pieces: Buffer[] = [];
    let ended: Ended = 'open';
    let isConnected = false;
    const limit = setTimeout(() => socket.destroy(), LIMIT_MS);
    socket.on('data', (bytes: Buffer) => void pieces.push(bytes));
    socket.on('end', () => {
      // Up to Node 22 a reset that comes together with bytes is told as an end, of a peer that is gone.
      ended = socket.remoteAddress === undefined ? 'reset' : 'end';
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!isConnected) reject(error);
      if (ended === 'open' && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) ended = 'reset';
    });
    socket.on('close', () => {
      clearTimeout(limit);
      resolve({ bytes: Buffer.concat(pieces).toString('latin1'), ended });
    });
    socket.on(isTls ? 'secureConnect' : 'connect', () => {
      isConnected = true;
      send(socket, one, piecesOf(one));
    });
  });
}

function send(socket: net.Socket, one: FuzzCase, [first = '', ...rest]: readonly string[]): void {
  if (!socket.writable) return;
  socket.write(first, 'latin1');
  if (rest.length > 0) setImmediate(() => send(socket, one, rest));
  else if (one.ending === 'fin') socket.end();
  else if (one.ending === 'reset') setImmediate(() => socket.resetAndDestroy());
}
