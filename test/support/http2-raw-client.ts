import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FLAG, FRAME, type Frame, FrameReader, PREFACE, SETTINGS_ACK, settings } from './http2-frames.ts';

/** A client that writes whatever frames it is told to, and keeps those that came. */
export class Http2RawClient {
  readonly socket: Socket;
  readonly frames: Frame[] = [];
  /** The server's settings are acknowledged when they come: not before the preface is out. */
  #acknowledges = false;
  #isOver = false;
  #woken: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    const reader = new FrameReader();
    socket.on('data', (bytes) => {
      for (const frame of reader.take(bytes)) this.#take(frame);
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('end', () => this.#over());
    socket.on('close', () => this.#over());
  }

  /** Connected, and nothing sent, nor acknowledged. */
  static async connect(port: number): Promise<Http2RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Http2RawClient(socket);
  }

  /** Connected, with preface and settings sent; the server's are acknowledged when they come. */
  static async open(
    port: number,
    pairs: readonly (readonly [number, number])[] = [],
  ): Promise<Http2RawClient> {
    return (await Http2RawClient.connect(port)).#begin(pairs);
  }

  /** The same over a connection that is there: one with TLS, say. */
  static over(socket: Socket, pairs: readonly (readonly [number, number])[] = []): Http2RawClient {
    return new Http2RawClient(socket).#begin(pairs);
  }

  #begin(pairs: readonly (readonly [number, number])[]): this {
    this.send(PREFACE, settings(pairs));
    this.#acknowledges = true;
    return this;
  }

  send(...frames: readonly Buffer[]): boolean {
    return this.socket.write(Buffer.concat(frames));
  }

  /** The first frame of this type (and stream) that came or comes. Fails when the connection ends before. */
  async frame(type: number, stream?: number): Promise<Frame> {
    const found = (): Frame | undefined =>
      this.frames.find((one) => one.type === type && (stream === undefined || one.stream === stream));
    await this.until(() => found() !== undefined);
    const frame = found();
    if (frame === undefined) throw new Error(`the connection ended without frame ${type}`);
    return frame;
  }

  /** Bytes of DATA that came for a stream. */
  bodyOf(stream: number): Buffer {
    const pieces = this.frames.filter((one) => one.type === FRAME.data && one.stream === stream);
    return Buffer.concat(pieces.map(({ payload }) => payload));
  }

  /** The server has ended the connection. */
  async closed(): Promise<void> {
    await this.until(() => this.#isOver);
  }

  get isClosed(): boolean {
    return this.#isOver;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    const isSettings = frame.type === FRAME.settings && (frame.flags & FLAG.ack) === 0;
    if (isSettings && this.#acknowledges && this.socket.writable) this.socket.write(SETTINGS_ACK);
  }

  #over(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** Resolves when this holds, looked at whenever something came, or when the connection has ended. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && !this.#isOver) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#woken.splice(0)) wake();
  }
}
