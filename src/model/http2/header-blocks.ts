import { type Frame, withoutPadding } from './frame-reader.ts';
import { HpackDecoder, type TakeField } from './hpack-decoder.ts';
import { FLAG, FRAME, SessionError } from './http2-words.ts';

/**
 * Puts HEADERS and the CONTINUATION frames after it together (RFC 9113 section 4.3): nothing may come between them, and
 * together they may be only so large, since nobody can say anything about a stream whose head does not end.
 */

/** How large a block may be, as it is sent. */
export interface BlockLimits {
  readonly mostBytes: number;
  /** Of empty frames there could be any number. */
  readonly mostFrames: number;
}

/** Far above what honest backends send: the same as for heads of HTTP/1.1, and the room that frames take. */
const FOR_ANSWERS: BlockLimits = { mostBytes: 192 * 1024, mostFrames: 64 };
/** Bytes that say what a stream depends on; nobody reads them any more (section 5.3). */
const PRIORITY_BYTES = 5;

/** A header block that is whole. */
export interface HeaderBlock {
  readonly stream: number;
  /** The sender's side of the stream ends with it. */
  readonly isEnd: boolean;
}

/** The header blocks of one connection. */
export class HeaderBlocks {
  private readonly decoder = new HpackDecoder();
  private parts: Buffer[] = [];
  private bytes = 0;
  private pending: HeaderBlock | null = null;
  private readonly limits: BlockLimits;

  constructor(limits = FOR_ANSWERS) {
    this.limits = limits;
  }

  /** A block was begun and is not whole. */
  get isPending(): boolean {
    return this.pending !== null;
  }

  /** The block that this frame ends; null: more of it is to come. @throws SessionError */
  take(frame: Frame): HeaderBlock | null {
    const { type, flags, stream, payload } = frame;
    if (type === FRAME.headers) {
      this.expectNothing();
      this.pending = { stream, isEnd: (flags & FLAG.endStream) !== 0 };
      this.add(withoutPriority(withoutPadding(payload, flags), flags));
    } else {
      if (this.pending === null || this.pending.stream !== stream)
        throw new SessionError('PROTOCOL_ERROR', 'a CONTINUATION of nothing');
      this.add(payload);
    }
    if ((flags & FLAG.endHeaders) === 0) return null;
    const block = this.pending;
    this.pending = null;
    return block;
  }

  /** @throws SessionError when a block is not whole and anything but its continuation came. */
  expectNothing(): void {
    if (this.pending !== null)
      throw new SessionError('PROTOCOL_ERROR', 'a frame in the middle of a header block');
  }

  /** Reads the fields of the block that `take` gave. @throws SessionError */
  read(take: TakeField): void {
    const [first = Buffer.alloc(0)] = this.parts;
    const block = this.parts.length === 1 ? first : Buffer.concat(this.parts);
    this.parts = [];
    this.bytes = 0;
    this.decoder.decode(block, take);
  }

  private add(part: Buffer): void {
    this.bytes += part.length;
    // The payload is the frame reader's: only what is read at once may stay there, and that is decided later.
    const frames = this.parts.push(Buffer.from(part));
    if (this.bytes > this.limits.mostBytes || frames > this.limits.mostFrames)
      throw new SessionError('ENHANCE_YOUR_CALM', 'the head is too large');
  }
}

function withoutPriority(payload: Buffer, flags: number): Buffer {
  if ((flags & FLAG.priority) === 0) return payload;
  if (payload.length < PRIORITY_BYTES)
    throw new SessionError('FRAME_SIZE_ERROR', 'a HEADERS frame that is too short');
  return payload.subarray(PRIORITY_BYTES);
}
