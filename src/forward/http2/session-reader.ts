import { type DataPiece, type Frame, type FrameEvents, FrameReader } from '../../model/http2/frame-reader.ts';
import { pingFrame, settingsAckFrame, windowUpdateFrame } from '../../model/http2/frame-writer.ts';
import { HeaderBlocks } from '../../model/http2/header-blocks.ts';
import { errorName, FLAG, FRAME, MOST_31_BITS, SessionError } from '../../model/http2/http2-words.ts';
import type { AnswerReceiver } from '../backend/carrier.ts';
import { AnswerBlock } from './answer-block.ts';
import { isSettingsAck, PeerSettings } from './peer-settings.ts';
import type { Sender } from './sender.ts';
import type { Http2Stream } from './stream.ts';

/**
 * What a backend says on a connection: frames of its own are answered here, those of streams go to them. All frames of
 * one read are told in one piece.
 */

/** Bytes of bodies that may be under way on a connection, all streams together. */
export const SESSION_WINDOW = 1024 * 1024;
/** Frames in a row, within about a second, that bring nobody anything: empty ones, PINGs, settings, for streams that are gone. */
const MOST_IDLE_FRAMES = 10_000;
const PING_PAYLOAD = Buffer.from('banyan..', 'latin1');

/** What the session does about it. */
export interface SessionEvents {
  readonly streams: ReadonlyMap<number, Http2Stream>;
  wasBegun(id: number): boolean;
  settingsCame(): void;
  /** A head, or a piece of a body. */
  answerCame(): void;
  pingAnswered(): void;
  goawayCame(lastStream: number, why: string): void;
}

/** The reading half of a session. */
export class SessionReader implements FrameEvents {
  readonly settings = new PeerSettings();
  private readonly frames = new FrameReader(this);
  private readonly blocks = new HeaderBlocks();
  private hasRead = false;
  private hasSettings = false;
  private idleFrames = 0;
  /** Bytes of bodies that may still come on the connection, and those that came and were not granted again. */
  private granted = SESSION_WINDOW;
  private taken = 0;
  private readers = new Set<Pick<AnswerReceiver, 'readBegins' | 'readEnds'>>();
  private readonly session: SessionEvents;
  private readonly sender: Sender;

  constructor(session: SessionEvents, sender: Sender) {
    this.session = session;
    this.sender = sender;
  }

  /** @throws SessionError */
  read(bytes: Buffer): void {
    if (!this.hasRead) this.expectHttp2(bytes);
    try {
      this.frames.feed(bytes);
    } finally {
      const { readers } = this;
      if (readers.size > 0) {
        this.readers = new Set();
        for (const reader of readers) reader.readEnds();
      }
    }
  }

  /** A second has passed: what came before it is no flood. */
  rest(): void {
    this.idleFrames = 0;
  }

  /** Asks for a sign of life. */
  ping(): void {
    this.sender.write(pingFrame(PING_PAYLOAD, false));
  }

  data(piece: DataPiece): void {
    this.blocks.expectNothing();
    this.expectSettings();
    if (piece.bytes.length > 0 || piece.isEnd) this.idleFrames = 0;
    else this.countIdle();
    this.countData(piece.counted);
    const stream = this.streamOf(piece.stream);
    if (stream === null) return;
    this.session.answerCame();
    this.touch(stream);
    stream.takeData(piece);
  }

  frame(frame: Frame): void {
    if (frame.type !== FRAME.settings) this.expectSettings();
    if (frame.type === FRAME.headers || frame.type === FRAME.continuation) {
      this.headers(frame);
      return;
    }
    this.blocks.expectNothing();
    this.countIdle();
    if (frame.type === FRAME.rstStream) this.rstStream(frame);
    else if (frame.type === FRAME.settings) this.takeSettings(frame);
    else if (frame.type === FRAME.ping) this.takePing(frame);
    else if (frame.type === FRAME.goaway) this.goaway(frame);
    else if (frame.type === FRAME.windowUpdate) this.windowUpdate(frame);
    else if (frame.type === FRAME.pushPromise)
      throw new SessionError('PROTOCOL_ERROR', 'a push that was not asked for');
    // Priorities say nothing any more, and unknown types are left alone (RFC 9113 section 4.1).
  }

  private headers(frame: Frame): void {
    const block = this.blocks.take(frame);
    if (block === null) return;
    const fields = new AnswerBlock();
    this.blocks.read(fields.take);
    const stream = this.streamOf(block.stream);
    if (stream === null) {
      this.countIdle();
      return;
    }
    this.idleFrames = 0;
    this.session.answerCame();
    this.touch(stream);
    stream.takeBlock(fields, block.isEnd);
  }

  private rstStream({ stream: id, payload }: Frame): void {
    if (payload.length !== 4) throw new SessionError('FRAME_SIZE_ERROR', 'a reset of another size');
    const stream = this.streamOf(id);
    if (stream === null) return;
    this.touch(stream);
    stream.takeReset(payload.readUInt32BE(0));
  }

  private takeSettings(frame: Frame): void {
    if (isSettingsAck(frame)) {
      this.expectSettings();
      return;
    }
    const { windowGrew, tableChanged } = this.settings.take(frame);
    if (tableChanged) this.sender.tableChanged();
    if (windowGrew !== 0) for (const stream of this.session.streams.values()) this.grow(stream, windowGrew);
    this.sender.reply(settingsAckFrame());
    this.hasSettings = true;
    this.session.settingsCame();
  }

  private takePing({ stream, flags, payload }: Frame): void {
    if (stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'a PING of a stream');
    if (payload.length !== 8) throw new SessionError('FRAME_SIZE_ERROR', 'a PING of another size');
    if ((flags & FLAG.ack) === 0) this.sender.reply(pingFrame(payload, true));
    else if (payload.equals(PING_PAYLOAD)) this.session.pingAnswered();
  }

  private goaway({ stream, payload }: Frame): void {
    if (stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'a GOAWAY of a stream');
    if (payload.length < 8) throw new SessionError('FRAME_SIZE_ERROR', 'a GOAWAY that is too short');
    this.session.goawayCame(payload.readUInt32BE(0) & MOST_31_BITS, errorName(payload.readUInt32BE(4)));
  }

  private windowUpdate({ stream: id, payload }: Frame): void {
    if (this.sender.hasSentBody) this.idleFrames = 0;
    this.sender.hasSentBody = false;
    if (payload.length !== 4) throw new SessionError('FRAME_SIZE_ERROR', 'a WINDOW_UPDATE of another size');
    const bytes = payload.readUInt32BE(0) & MOST_31_BITS;
    if (bytes === 0) throw new SessionError('PROTOCOL_ERROR', 'a window that grows by nothing');
    if (id === 0) {
      this.sender.grew(bytes);
      return;
    }
    const stream = this.streamOf(id);
    if (stream !== null) this.grow(stream, bytes);
  }

  private grow(stream: Http2Stream, bytes: number): void {
    stream.sendWindow += bytes;
    if (stream.sendWindow > MOST_31_BITS)
      throw new SessionError('FLOW_CONTROL_ERROR', 'the window of a stream is too large');
    this.sender.streamGrew(stream);
  }

  /** null: it is over. @throws SessionError for one that was never begun. */
  private streamOf(id: number): Http2Stream | null {
    const stream = this.session.streams.get(id);
    if (stream !== undefined) return stream;
    if (!this.session.wasBegun(id))
      throw new SessionError('PROTOCOL_ERROR', 'a frame of a stream that nobody began');
    return null;
  }

  private touch(stream: Http2Stream): void {
    const { reader } = stream;
    if (reader === null || this.readers.has(reader)) return;
    this.readers.add(reader);
    reader.readBegins();
  }

  /** Granted again at once, so that a client who takes nothing keeps nobody else waiting: its stream's window holds it back. */
  private countData(counted: number): void {
    this.granted -= counted;
    if (this.granted < 0) throw new SessionError('FLOW_CONTROL_ERROR', 'more than was granted');
    this.taken += counted;
    if (this.taken < SESSION_WINDOW / 2) return;
    this.granted += this.taken;
    this.sender.reply(windowUpdateFrame(0, this.taken));
    this.taken = 0;
  }

  private countIdle(): void {
    if (++this.idleFrames > MOST_IDLE_FRAMES)
      throw new SessionError('ENHANCE_YOUR_CALM', 'frame after frame that brings nothing');
  }

  private expectSettings(): void {
    if (!this.hasSettings)
      throw new SessionError('PROTOCOL_ERROR', 'something else came before its SETTINGS');
  }

  private expectHttp2(bytes: Buffer): void {
    this.hasRead = true;
    if ('HTTP/'.startsWith(bytes.toString('latin1', 0, 5)))
      throw new SessionError('PROTOCOL_ERROR', 'it does not speak HTTP/2: it answers in HTTP/1');
  }
}
