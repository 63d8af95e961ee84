import net from 'node:net';
import { type DifferentialCase, piecesOf } from './differential-case.ts';
import { readAnswers, type SeenAnswers } from './read-answers.ts';
import { BackendLane, type BackendRequest, type RecordingBackend } from './recording-backend.ts';

/** A router under comparison and the backend behind it. */
export interface Side {
  readonly name: 'wire' | 'fastify';
  readonly port: number;
  readonly backend: RecordingBackend;
}

/** What one case did on one side. */
export interface Run extends SeenAnswers {
  /** How the connection was when nothing more happened. */
  readonly ending: 'open' | 'end' | 'reset';
  readonly bytes: string;
  readonly backend: readonly BackendRequest[];
}

/** How a case is run. */
export interface RunTerms {
  /** The client's own address, for this case alone. */
  readonly address: string;
  /** Silence after which nothing more is expected, ms. */
  readonly quietMs: number;
}

/** Sends a case and watches until the connection is over, or all is quiet. */
export async function runCase(one: DifferentialCase, side: Side, terms: RunTerms): Promise<Run> {
  const { backend } = side;
  const lane = new BackendLane(one.answers);
  backend.lanes.set(terms.address, lane);
  const client = await Client.connect(side.port, terms.address);
  for (const piece of piecesOf(one)) await client.send(piece);
  if (one.ending === 'fin') client.socket.end();
  if (one.ending === 'reset') client.socket.resetAndDestroy();
  const isQuiet = (): boolean =>
    performance.now() - Math.max(lane.touchedAt, client.touchedAt) > terms.quietMs;
  while (!client.isOver && !isQuiet()) await client.changed();
  const ending = client.ending;
  client.socket.destroy();
  const bytes = client.text;
  // What comes later is this run's no more; the lane stays, so that nobody's requests are told from it.
  return { ...readAnswers(bytes, backend.port), bytes, ending, backend: structuredClone(lane.requests) };
}

/** How often a silent connection is looked at, ms. */
const LOOK_MS = 25;

class Client {
  readonly socket: net.Socket;
  touchedAt = performance.now();
  ending: Run['ending'] = 'open';
  isOver = false;
  readonly #pieces: Buffer[] = [];
  #wake: () => void = () => {};

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.touchedAt = performance.now();
      this.#pieces.push(bytes);
    });
    socket.on('end', () => {
      this.ending = 'end';
      this.#over();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' && this.ending === 'open') this.ending = 'reset';
    });
    socket.on('close', () => this.#over());
  }

  static connect(port: number, localAddress: string): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Client(socket));
      });
    });
  }

  get text(): string {
    return Buffer.concat(this.#pieces).toString('latin1');
  }

  /** Resolves in a later turn, so that pieces are read apart, as far as anybody can have it. */
  async send(piece: string): Promise<void> {
    this.touchedAt = performance.now();
    if (this.socket.writable) this.socket.write(piece, 'latin1');
    await new Promise((resolve) => setImmediate(resolve));
  }

  changed(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #over(): void {
    this.isOver = true;
    this.#wake();
  }
}
