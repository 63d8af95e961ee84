/** One connection of a proxy to the backend: the last segment of a path says which answer. */
import type { Socket } from 'node:net';
import { answerFor, lastSegment } from './canned-answers.ts';
import type { EventStreams } from './event-streams.ts';
import { FrameEcho, handshakeFor } from './websocket-echo.ts';

const END = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** Requests one after the other. It lives as long as its socket. */
export class BackendConnection {
  readonly #socket: Socket;
  readonly #streams: EventStreams;
  #held: Buffer | null = null;
  #missing = 0;
  #answer: Buffer | null = null;
  #echo: FrameEcho | null = null;

  constructor(socket: Socket, streams: EventStreams) {
    this.#socket = socket;
    this.#streams = streams;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  #read(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#echo !== null) rest = this.#sendBack(this.#echo.echo(rest));
      else rest = this.#missing > 0 ? this.#body(rest) : this.#head(rest);
    }
  }

  /** What is left of the bytes after the body's. */
  #body(bytes: Buffer): Buffer {
    const taken = Math.min(this.#missing, bytes.length);
    this.#missing -= taken;
    if (this.#missing === 0) this.#send();
    return bytes.subarray(taken);
  }

  /** What is left of the bytes after the head's. */
  #head(bytes: Buffer): Buffer {
    const input = this.#held === null ? bytes : Buffer.concat([this.#held, bytes]);
    const end = input.indexOf(END);
    this.#held = end < 0 ? input : null;
    if (end < 0) return input.subarray(input.length);
    this.#take(input.toString('latin1', 0, end + 2));
    return input.subarray(end + END.length);
  }

  #take(head: string): void {
    const name = lastSegment(head);
    if (name === 'events') this.#streams.add(this.#socket);
    else if (name === 'echo') this.#upgrade(head);
    else this.#ordinary(name, head);
  }

  #ordinary(name: string, head: string): void {
    this.#answer = answerFor(name);
    this.#missing = head.startsWith('GET ')
      ? 0
      : Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? 0);
    if (this.#missing === 0) this.#send();
  }

  #upgrade(head: string): void {
    this.#socket.write(handshakeFor(head));
    this.#echo = new FrameEcho();
  }

  /** All bytes are understood, or held. */
  #sendBack(frames: Buffer | null): Buffer {
    if (frames === null) this.#socket.end();
    else if (frames.length > 0) this.#socket.write(frames);
    return NOTHING;
  }

  #send(): void {
    if (this.#answer) this.#socket.write(this.#answer);
    this.#answer = null;
  }
}
