import type { Socket } from 'node:net';
import type { HeaderList } from '../../model/header-list.ts';
import { dataFrame, headerFrames } from '../../model/http2/frame-writer.ts';
import { encodeFields, REMEMBERS_NOTHING } from '../../model/http2/hpack-encoder.ts';
import {
  FIRST_FRAME_BYTES,
  FIRST_WINDOW,
  MOST_31_BITS,
  SessionError,
} from '../../model/http2/http2-words.ts';
import { trailerFields } from './request-fields.ts';
import type { Http2Stream } from './stream.ts';

/**
 * The way up of a session: all that leaves in one turn of the event loop leaves in one piece, bodies as far as the windows
 * and the connection take them. Streams that wait for room get it in turn.
 */

/** Replies that may be waiting for a backend that reads nothing, bytes. */
const MOST_UNREAD = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Writes to one connection. */
export class Sender {
  /** Some of a body was sent, so that windows may grow. Reset by who looks. */
  hasSentBody = false;
  private window = FIRST_WINDOW;
  private isCorked = false;
  private isFull = false;
  private saysTableSize = true;
  /** Bytes of replies since the backend had read all. */
  private replied = 0;
  private readonly waiting = new Set<Http2Stream>();
  private readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('drain', this.onDrain);
  }

  /** The connection takes more of bodies now. */
  get takesMore(): boolean {
    return !this.isFull && this.window > 0;
  }

  /** A frame that no window counts. */
  write(frame: Buffer | string): void {
    if (!this.socket.writable) return;
    this.cork();
    if (typeof frame === 'string') this.socket.write(frame, 'latin1');
    else this.socket.write(frame);
  }

  /** A frame that answers one of the backend's. @throws SessionError when it makes us write and reads nothing of it. */
  reply(frame: Buffer): void {
    if (this.socket.writableLength === 0) this.replied = 0;
    this.replied += frame.length;
    if (this.replied > MOST_UNREAD)
      throw new SessionError('ENHANCE_YOUR_CALM', 'it asks for answers and reads none');
    this.write(frame);
  }

  /** A header block. */
  fields(stream: number, fields: HeaderList, isEnd: boolean): void {
    const block = (this.saysTableSize ? REMEMBERS_NOTHING : '') + encodeFields(fields);
    this.saysTableSize = false;
    this.write(headerFrames(stream, block, isEnd));
  }

  /** The backend's table changed: the next block says again that there is none (RFC 7541 section 4.2). */
  tableChanged(): void {
    this.saysTableSize = true;
  }

  /** A piece of a body; gives how many of its bytes were sent. */
  body(stream: Http2Stream, bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.isFull && this.socket.writable) {
      const size = Math.min(bytes.length - at, FIRST_FRAME_BYTES, stream.sendWindow, this.window);
      if (size <= 0) break;
      this.cork();
      this.isFull = !this.socket.write(dataFrame(stream.id, bytes.subarray(at, at + size), false));
      stream.sendWindow -= size;
      this.window -= size;
      this.hasSentBody = true;
      at += size;
    }
    return at;
  }

  /** Ends a request. */
  end(stream: Http2Stream, trailers: HeaderList): void {
    if (trailers.length > 0) this.fields(stream.id, trailerFields(trailers), true);
    else this.write(dataFrame(stream.id, NOTHING, true));
  }

  /** It gets its turn when there is room; a stream waits once. */
  awaitRoom(stream: Http2Stream): void {
    this.waiting.add(stream);
  }

  forget(stream: Http2Stream): void {
    this.waiting.delete(stream);
  }

  /** The backend takes so many bytes more on the connection. @throws SessionError */
  grew(bytes: number): void {
    this.window += bytes;
    if (this.window > MOST_31_BITS)
      throw new SessionError('FLOW_CONTROL_ERROR', 'the window of the connection is too large');
    this.flushAll();
  }

  /** The backend takes more of this stream. */
  streamGrew(stream: Http2Stream): void {
    if (stream.sendWindow <= 0 || !this.waiting.delete(stream)) return;
    stream.flush();
  }

  /** Gives everybody who waits a turn; who is not done goes to the end of the line. */
  flushAll(): void {
    for (const stream of [...this.waiting]) {
      if (!this.takesMore) return;
      this.waiting.delete(stream);
      stream.flush();
    }
  }

  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.socket.cork();
    process.nextTick(this.uncork);
  }

  private readonly uncork = (): void => {
    this.isCorked = false;
    this.socket.uncork();
  };

  private readonly onDrain = (): void => {
    this.isFull = false;
    this.flushAll();
  };
}
