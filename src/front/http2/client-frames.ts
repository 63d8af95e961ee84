import type { FrontLimits } from '../../model/exchange.ts';
import { type DataPiece, type Frame, type FrameEvents, FrameReader } from '../../model/http2/frame-reader.ts';
import { HeaderBlocks } from '../../model/http2/header-blocks.ts';
import type { TakeField } from '../../model/http2/hpack-decoder.ts';
import { FLAG, FRAME, PREFACE, SessionError } from '../../model/http2/http2-words.ts';
import { Allowance } from './allowance.ts';
import { ConnectionFault } from './connection-fault.ts';
import { blockLimits, CHATTER, CHATTER_PER_DATA_FRAME } from './http2-limits.ts';
import { type PeerSettings, readSettings } from './peer-settings.ts';

/**
 * A client's frames, read and checked as far as that needs no stream: the preface, the order of frames, their sizes, and
 * how many come that carry nothing. What is left is told.
 */

/** Who is told. All may throw a SessionError. */
export interface ClientFrameEvents {
  /** A header block is whole: `read` its fields, whatever they are for, since the next block depends on them. */
  block(stream: number, isEnd: boolean, read: (take: TakeField) => void): void;
  data(piece: DataPiece): void;
  settings(settings: PeerSettings): void;
  ping(payload: Buffer): void;
  /** The client gave a stream up. */
  reset(stream: number): void;
  /** So many more bytes may be sent; stream 0: on the connection. */
  windowUpdate(stream: number, increment: number): void;
}

const PREFACE_BYTES = Buffer.from(PREFACE, 'latin1');

/** Reads one client's bytes. */
export class ClientFrames implements FrameEvents {
  /** Since when a frame, a header block or the preface is not whole, by `performance.now()`; 0: nothing is. */
  waitingSince: number;
  readonly #events: ClientFrameEvents;
  readonly #reader = new FrameReader(this);
  readonly #blocks: HeaderBlocks;
  readonly #chatter: Allowance;
  #prefaceRead = 0;
  #hasSettings = false;
  #isWhole = false;
  #now: number;

  constructor(events: ClientFrameEvents, limits: FrontLimits) {
    this.#events = events;
    this.#now = performance.now();
    this.waitingSince = this.#now;
    this.#blocks = new HeaderBlocks(blockLimits(limits));
    this.#chatter = new Allowance(CHATTER, this.#now);
  }

  /** The preface and the first SETTINGS have come. */
  get hasBegun(): boolean {
    return this.#hasSettings;
  }

  /** @throws SessionError */
  feed(bytes: Buffer): void {
    this.#now = performance.now();
    this.#isWhole = false;
    const rest = this.#prefaceRead < PREFACE_BYTES.length ? this.#readPreface(bytes) : bytes;
    this.#reader.feed(rest);
    const waits = !this.#hasSettings || this.#reader.isWaiting || this.#blocks.isPending;
    if (!waits) this.waitingSince = 0;
    else if (this.waitingSince === 0 || (this.#isWhole && !this.#blocks.isPending && this.#hasSettings))
      this.waitingSince = this.#now;
  }

  /** A frame of a body was sent: the client may have something to say of it. */
  dataSent(): void {
    this.#chatter.earn(CHATTER_PER_DATA_FRAME);
  }

  /** One that carries nothing of a request. @throws SessionError when there are too many. */
  chatter(): void {
    if (!this.#chatter.spend(this.#now))
      throw new ConnectionFault('ENHANCE_YOUR_CALM', 'over_capacity', 'too many frames that carry nothing');
  }

  // Told by the reader.

  frame(frame: Frame): void {
    this.#isWhole = true;
    this.#expectSettings(frame.type);
    if (frame.type !== FRAME.continuation) this.#blocks.expectNothing();
    switch (frame.type) {
      case FRAME.headers:
      case FRAME.continuation:
        this.#takeBlock(frame);
        break;
      case FRAME.settings:
        this.#takeSettings(frame);
        break;
      case FRAME.ping:
        this.#takePing(frame);
        break;
      case FRAME.rstStream:
        expectSize(frame, 4);
        expectStream(frame);
        this.#events.reset(frame.stream);
        break;
      case FRAME.windowUpdate:
        expectSize(frame, 4);
        this.chatter();
        this.#events.windowUpdate(frame.stream, frame.payload.readUInt32BE(0) & 0x7fff_ffff);
        break;
      case FRAME.priority:
        expectSize(frame, 5);
        expectStream(frame);
        this.chatter();
        break;
      case FRAME.pushPromise:
        throw new SessionError('PROTOCOL_ERROR', 'a push by a client');
      case FRAME.goaway:
        // What is open is finished as ever.
        if (frame.stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'a GOAWAY of a stream');
        if (frame.payload.length < 8)
          throw new SessionError('FRAME_SIZE_ERROR', 'a GOAWAY that is too short');
        this.chatter();
        break;
      default:
        // Unknown ones are ignored (RFC 9113 section 5.5).
        this.chatter();
    }
  }

  data(piece: DataPiece): void {
    this.#expectSettings(FRAME.data);
    this.#blocks.expectNothing();
    if (piece.stream === 0) throw new SessionError('PROTOCOL_ERROR', 'DATA of no stream');
    if (piece.bytes.length === 0 && !piece.isEnd) this.chatter();
    this.#events.data(piece);
  }

  #readPreface(bytes: Buffer): Buffer {
    const size = Math.min(bytes.length, PREFACE_BYTES.length - this.#prefaceRead);
    const expected = PREFACE_BYTES.subarray(this.#prefaceRead, this.#prefaceRead + size);
    if (!bytes.subarray(0, size).equals(expected))
      throw new SessionError('PROTOCOL_ERROR', 'another preface than that of HTTP/2');
    this.#prefaceRead += size;
    return bytes.subarray(size);
  }

  /** They are the first frame (section 3.4). */
  #expectSettings(type: number): void {
    if (!this.#hasSettings && type !== FRAME.settings)
      throw new SessionError('PROTOCOL_ERROR', 'a preface without SETTINGS');
  }

  #takeBlock(frame: Frame): void {
    expectStream(frame);
    const block = this.#blocks.take(frame);
    if (block === null) return;
    this.#events.block(block.stream, block.isEnd, (take) => this.#blocks.read(take));
  }

  #takeSettings({ stream, flags, payload }: Frame): void {
    if (stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'SETTINGS of a stream');
    const isAck = (flags & FLAG.ack) !== 0;
    if (isAck && payload.length > 0) throw new SessionError('FRAME_SIZE_ERROR', 'an ACK with settings');
    if (!this.#hasSettings && isAck) throw new SessionError('PROTOCOL_ERROR', 'a preface without SETTINGS');
    if (this.#hasSettings) this.chatter();
    this.#hasSettings = true;
    if (!isAck) this.#events.settings(readSettings(payload));
  }

  #takePing(frame: Frame): void {
    expectSize(frame, 8);
    if (frame.stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'PING of a stream');
    this.chatter();
    if ((frame.flags & FLAG.ack) === 0) this.#events.ping(frame.payload);
  }
}

function expectSize({ payload }: Frame, bytes: number): void {
  if (payload.length !== bytes) throw new SessionError('FRAME_SIZE_ERROR', 'a frame of another size');
}

function expectStream({ stream }: Frame): void {
  if (stream === 0) throw new SessionError('PROTOCOL_ERROR', 'a frame of no stream');
}
