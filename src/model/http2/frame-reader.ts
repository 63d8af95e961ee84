import { FIRST_FRAME_BYTES, FLAG, FRAME, SessionError } from './http2-words.ts';

/**
 * Takes frames out of a connection's bytes (RFC 9113 section 4). Bodies go on as they come, without waiting for the end
 * of their frame; every other frame is told whole, and so is one with padding.
 *
 *   head (9 bytes) ─▶ DATA: pieces … ─▶ head
 *                └──▶ payload, whole ─▶ head
 */

/** A frame that came whole. Its payload is the reader's again when it was told. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0: of the connection. */
  readonly stream: number;
  readonly payload: Buffer;
}

/** A piece of a body. */
export interface DataPiece {
  readonly stream: number;
  /** A slice of what came in. */
  readonly bytes: Buffer;
  /** Bytes that count against the windows: padding does too. */
  readonly counted: number;
  /** The sender's side of the stream ends with it. */
  readonly isEnd: boolean;
}

/** Who is told. */
export interface FrameEvents {
  frame(frame: Frame): void;
  data(piece: DataPiece): void;
}

const HEAD_BYTES = 9;
const EMPTY = Buffer.alloc(0);

/** Reads the frames of one connection. */
export class FrameReader {
  /** Of a head or a payload that is not whole yet. */
  private held: Buffer = EMPTY;
  /** Of the frame that is being read; -1: none is. */
  private type = -1;
  private flags = 0;
  private stream = 0;
  /** Of its payload, still to come. */
  private left = 0;
  private readonly events: FrameEvents;

  constructor(events: FrameEvents) {
    this.events = events;
  }

  /** A frame was begun that is told whole, and is not. */
  get isWaiting(): boolean {
    return this.held.length > 0 || (this.type !== -1 && this.type !== FRAME.data);
  }

  /** @throws SessionError */
  feed(bytes: Buffer): void {
    const input = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    this.held = EMPTY;
    let at = 0;
    for (;;) {
      const next = this.type === -1 ? this.readHead(input, at) : this.readPayload(input, at);
      if (next === -1) break;
      at = next;
    }
    // A copy, so that a few bytes don't hold a whole read buffer.
    if (at < input.length) this.held = Buffer.from(input.subarray(at));
  }

  /** Where it stopped; -1: it needs more bytes. */
  private readHead(input: Buffer, at: number): number {
    if (input.length - at < HEAD_BYTES) return -1;
    this.left = input.readUIntBE(at, 3);
    this.type = input[at + 3] as number;
    this.flags = input[at + 4] as number;
    this.stream = input.readUInt32BE(at + 5) & 0x7fff_ffff;
    if (this.left > FIRST_FRAME_BYTES) throw new SessionError('FRAME_SIZE_ERROR', 'a frame is too large');
    return at + HEAD_BYTES;
  }

  private readPayload(input: Buffer, at: number): number {
    if (this.type === FRAME.data && (this.flags & FLAG.padded) === 0) return this.readData(input, at);
    const end = at + this.left;
    if (input.length < end) return -1;
    const { type, flags, stream } = this;
    const payload = input.subarray(at, end);
    this.type = -1;
    if (type === FRAME.data) this.tellPadded(payload);
    else this.events.frame({ type, flags, stream, payload });
    return end;
  }

  private readData(input: Buffer, at: number): number {
    const size = Math.min(this.left, input.length - at);
    if (size === 0 && this.left > 0) return -1;
    this.left -= size;
    const isLast = this.left === 0;
    if (isLast) this.type = -1;
    const isEnd = isLast && (this.flags & FLAG.endStream) !== 0;
    const { stream } = this;
    this.events.data({ stream, bytes: input.subarray(at, at + size), counted: size, isEnd });
    return at + size;
  }

  private tellPadded(payload: Buffer): void {
    const bytes = withoutPadding(payload, this.flags);
    const isEnd = (this.flags & FLAG.endStream) !== 0;
    this.events.data({ stream: this.stream, bytes, counted: payload.length, isEnd });
  }
}

/** The payload of a DATA or HEADERS frame less its padding (section 6.1). @throws SessionError */
export function withoutPadding(payload: Buffer, flags: number): Buffer {
  if ((flags & FLAG.padded) === 0) return payload;
  const padding = payload[0];
  if (padding === undefined || padding >= payload.length)
    throw new SessionError('PROTOCOL_ERROR', 'more padding than there is payload');
  return payload.subarray(1, payload.length - padding);
}
