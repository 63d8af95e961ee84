import net from 'node:net';
import { HpackDecoder } from '../../src/model/http2/hpack-decoder.ts';
import { FLAG, FRAME, type Frame, FrameReader, PREFACE, SETTINGS_ACK, settings } from './http2-frames.ts';

/** A request as it reached the backend; its body is among the connection's frames. */
export interface RawHttp2Request {
  readonly stream: number;
  /** Flat, pseudo-header fields first. */
  readonly fields: readonly string[];
  /** Nothing follows the head. */
  readonly isEnd: boolean;
}

/** The backend's end of one connection. */
export class RawHttp2Connection {
  readonly frames: Frame[] = [];
  readonly requests: RawHttp2Request[] = [];
  /** Trailers, by stream. */
  readonly trailers = new Map<number, readonly string[]>();
  isGone = false;
  readonly socket: net.Socket;
  readonly #decoder = new HpackDecoder();
  readonly #reader = new FrameReader();
  /** Until the preface is whole. */
  #held = Buffer.alloc(0);
  #hasPreface = false;
  #woken: (() => void)[] = [];

  constructor(socket: net.Socket) {
    this.socket = socket;
  }

  write(...pieces: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(pieces));
  }

  /** Resolves with the first frame that is such. */
  async frame(wanted: (frame: Frame) => boolean): Promise<Frame> {
    for (let from = 0; ; ) {
      const found = this.frames.slice(from).find(wanted);
      if (found !== undefined) return found;
      from = this.frames.length;
      await new Promise<void>((resolve) => this.#woken.push(resolve));
    }
  }

  /** Resolves when the router has closed it. */
  async gone(): Promise<void> {
    while (!this.isGone) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  /** Bytes of bodies that came on a stream. */
  bodyOf(stream: number): Buffer {
    const data = this.frames.filter(({ type, stream: own }) => type === FRAME.data && own === stream);
    return Buffer.concat(data.map(({ payload }) => payload));
  }

  take(bytes: Buffer, tell: (request: RawHttp2Request) => void): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    if (!this.#hasPreface) {
      if (this.#held.length < PREFACE.length) return;
      if (!this.#held.subarray(0, PREFACE.length).equals(PREFACE)) throw new Error('no preface');
      this.#held = this.#held.subarray(PREFACE.length);
      this.#hasPreface = true;
    }
    for (const frame of this.#reader.take(this.#held)) this.#took(frame, tell);
    this.#held = Buffer.alloc(0);
    this.wake();
  }

  wake(): void {
    for (const resolve of this.#woken.splice(0)) resolve();
  }

  #took(frame: Frame, tell: (request: RawHttp2Request) => void): void {
    this.frames.push({ ...frame, payload: Buffer.from(frame.payload) });
    if (frame.type !== FRAME.headers) return;
    const fields: string[] = [];
    this.#decoder.decode(frame.payload, (name, value) => fields.push(name, value));
    const { stream } = frame;
    if (this.requests.some((request) => request.stream === stream)) {
      this.trailers.set(stream, fields);
      return;
    }
    const request = { stream, fields, isEnd: (frame.flags & FLAG.endStream) !== 0 };
    this.requests.push(request);
    tell(request);
  }
}

/** What is done with each request as soon as its head is there. */
export type Http2Script = (request: RawHttp2Request, connection: RawHttp2Connection) => void;

/** A backend of HTTP/2 that writes its frames by script, however wrong they are. */
export class RawHttp2Backend {
  readonly connections: RawHttp2Connection[] = [];
  /** What a connection is greeted with; SETTINGS by default. */
  hello: Buffer = Buffer.concat([settings(), SETTINGS_ACK]);
  #script: Http2Script;
  readonly #server: net.Server;

  private constructor(script: Http2Script) {
    this.#script = script;
    this.#server = net.createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  static async start(script: Http2Script): Promise<RawHttp2Backend> {
    const backend = new RawHttp2Backend(script);
    await new Promise<void>((resolve) => backend.#server.listen(0, '127.0.0.1', resolve));
    return backend;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get requests(): RawHttp2Request[] {
    return this.connections.flatMap(({ requests }) => requests);
  }

  /** Answers by another script from the next request on. */
  use(script: Http2Script): void {
    this.#script = script;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: net.Socket): void {
    const connection = new RawHttp2Connection(socket);
    this.connections.push(connection);
    socket.on('error', () => {});
    socket.on('close', () => {
      connection.isGone = true;
      connection.wake();
    });
    socket.on('data', (bytes) => connection.take(bytes, (request) => this.#script(request, connection)));
    socket.write(this.hello);
  }
}
