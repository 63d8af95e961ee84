import type { Duplex } from 'node:stream';
import { CLOSE_GOING_AWAY, CLOSE_GOING_AWAY_MASKED, FrameBoundaries } from './websocket-frames.ts';

/**
 * An upgraded connection: raw bytes both ways, each side read only as fast as the other takes it, half-closes passed
 * on. `goAway` puts a WebSocket Close 1001 between two frames, in both directions, then lets both ends finish.
 */

/** How long after the goodbye the ends may take to close by themselves. */
const GOODBYE_MS = 1_000;
/** When one end has finished, the other may be silent this long: it may never learn that nobody answers it. */
const HALF_CLOSED_MS = 60_000;
/** How long the frame that is under way may take to come to its end, so that the goodbye can follow it. */
const LAST_FRAME_MS = 10_000;

/** One end: its socket, and what it had sent before the tunnel began. */
export interface TunnelEnd {
  readonly socket: Duplex;
  readonly early: Buffer;
}

/** What the tunnel must know of what it carries. */
export interface TunnelOptions {
  readonly isWebSocket: boolean;
  /** Both ends are gone. */
  readonly onClose: () => void;
}

/** Two connections joined. */
export class Tunnel {
  private readonly up: Direction;
  private readonly down: Direction;
  private readonly client: TunnelEnd;
  private readonly backend: TunnelEnd;
  private readonly options: TunnelOptions;
  private isClosed = false;
  private goodbyeTimer: NodeJS.Timeout | undefined;
  /** Since one end has finished. */
  private silenceTimer: NodeJS.Timeout | undefined;

  constructor(client: TunnelEnd, backend: TunnelEnd, options: TunnelOptions) {
    this.client = client;
    this.backend = backend;
    this.options = options;
    const frames = (): FrameBoundaries | null => (options.isWebSocket ? new FrameBoundaries() : null);
    const told = {
      passed: () => this.silenceTimer?.refresh(),
      ended: () => {
        // What was cut may still end while its last bytes leave.
        if (!this.isClosed) this.silenceTimer ??= setTimeout(() => this.destroy(), HALF_CLOSED_MS);
      },
    };
    this.up = new Direction({ from: client.socket, to: backend.socket, frames: frames(), told });
    this.down = new Direction({ from: backend.socket, to: client.socket, frames: frames(), told });
  }

  get isWebSocket(): boolean {
    return this.options.isWebSocket;
  }

  /** Bytes from the client. */
  get bytesIn(): number {
    return this.up.bytes;
  }

  /** Bytes to the client. */
  get bytesOut(): number {
    return this.down.bytes;
  }

  start(): void {
    for (const { socket } of [this.client, this.backend]) {
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.destroy());
    }
    this.up.start(this.client.early);
    this.down.start(this.backend.early);
  }

  /** Says goodbye. What is not a WebSocket has no word for it, and goes on. */
  goAway(): void {
    if (!this.isWebSocket || this.isClosed || this.goodbyeTimer !== undefined) return;
    this.goodbyeTimer = setTimeout(() => this.destroy(), LAST_FRAME_MS);
    const said = (): void => {
      if (this.down.isEnded && this.up.isEnded) this.closeSoon();
    };
    this.down.endWith(CLOSE_GOING_AWAY, said);
    this.up.endWith(CLOSE_GOING_AWAY_MASKED, said);
  }

  private closeSoon(): void {
    clearTimeout(this.goodbyeTimer);
    if (!this.isClosed) this.goodbyeTimer = setTimeout(() => this.destroy(), GOODBYE_MS);
  }

  /** Ends both connections at once. What was written goes out first where the kernel has taken it. */
  destroy(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.goodbyeTimer);
    clearTimeout(this.silenceTimer);
    finishAndDestroy(this.client.socket);
    finishAndDestroy(this.backend.socket);
    this.options.onClose();
  }
}

/** What one way through a tunnel is made of, and whom it tells that bytes were passed, and that it ended. */
interface Way {
  readonly from: Duplex;
  readonly to: Duplex;
  readonly frames: FrameBoundaries | null;
  readonly told: { passed(): void; ended(): void };
}

/** One way through a tunnel. */
class Direction {
  bytes = 0;
  /** Nothing more is passed this way. */
  isEnded = false;
  private farewell: Buffer | null = null;
  private onEnded: () => void = () => {};
  private readonly from: Duplex;
  private readonly to: Duplex;
  private readonly frames: FrameBoundaries | null;
  private readonly told: Way['told'];

  constructor({ from, to, frames, told }: Way) {
    this.from = from;
    this.to = to;
    this.frames = frames;
    this.told = told;
  }

  start(early: Buffer): void {
    this.to.on('drain', () => this.from.resume());
    this.from.on('data', (bytes: Buffer) => this.pass(bytes));
    this.from.on('end', () => this.end());
    if (early.length > 0) this.pass(early);
    this.from.resume();
  }

  /** Puts these bytes after the frame that is under way, and nothing after them; `ended` is called then. */
  endWith(farewell: Buffer, ended: () => void): void {
    this.farewell = farewell;
    this.onEnded = ended;
    if (this.isEnded) ended();
    else if (this.frames?.isAtBoundary) this.sayFarewell();
  }

  private pass(bytes: Buffer): void {
    // After the end the other side is still read, so that no reset overtakes the goodbye.
    if (this.isEnded) return;
    if (this.farewell === null) {
      this.frames?.read(bytes);
      this.write(bytes);
      return;
    }
    const boundary = this.frames?.readToBoundary(bytes) ?? -1;
    this.write(boundary === -1 ? bytes : bytes.subarray(0, boundary));
    if (boundary !== -1) this.sayFarewell();
  }

  private sayFarewell(): void {
    this.write(this.farewell as Buffer);
    this.end();
  }

  private write(bytes: Buffer): void {
    this.bytes += bytes.length;
    this.told.passed();
    if (this.to.writable && !this.to.write(bytes)) this.from.pause();
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    if (this.to.writable) this.to.end();
    this.told.ended();
    this.onEnded();
  }
}

/** A socket whose writes are still under way is given the chance to finish them, bounded by its peer's reading. */
function finishAndDestroy(socket: Duplex): void {
  socket.on('error', () => {});
  if (socket.writableLength === 0 || socket.destroyed) {
    socket.destroy();
    return;
  }
  socket.end();
  const timer = setTimeout(() => socket.destroy(), GOODBYE_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('finish', () => socket.destroy());
}
