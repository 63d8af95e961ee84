import type { Socket } from 'node:net';
import type { Failure } from '../../model/failure.ts';
import type { HeaderList } from '../../model/header-list.ts';
import { goawayFrame, resetFrame, settingsFrame, windowUpdateFrame } from '../../model/http2/frame-writer.ts';
import { errorCode, MOST_31_BITS, PREFACE, SETTING, SessionError } from '../../model/http2/http2-words.ts';
import { isFailedWrite, readOn, surviveFailedWrites } from '../backend/failed-writes.ts';
import type { Intake } from '../backend/intake.ts';
import { Liveness } from './liveness.ts';
import { Sender } from './sender.ts';
import { SESSION_WINDOW, type SessionEvents, SessionReader } from './session-reader.ts';
import { Http2Stream } from './stream.ts';
import type { StreamHost } from './stream-host.ts';

/**
 * One connection of HTTP/2 to an endpoint, for many exchanges at a time (RFC 9113):
 *
 *   preface ─▶ SETTINGS of the backend ─▶ ready ─▶ streams … ─▶ leaving (GOAWAY, worn out, its endpoint gone) ─▶ closed
 *
 * Nothing is asked before the backend has said how much it takes. What breaks the rules of one answer ends its
 * stream (stream.ts); what breaks those of the connection ends all of it.
 */

/** What a session tells its pool. */
export interface SessionOwner {
  /** There may be room for one more. */
  freed(session: Http2Session): void;
  /** It takes no new ones; those that are under way go on. */
  leaving(session: Http2Session): void;
  /** It is gone. `failure` and `message` say why, for one that was never ready. */
  closed(session: Http2Session, failure: Failure, message: string): void;
}

/** A backend may take many resets for an attack, and end everybody's session: it is renewed before. */
const MOST_RESETS = 100;
/** As large a head as ours may be, and no pushes. */
const OUR_SETTINGS = [
  [SETTING.enablePush, 0],
  [SETTING.maxHeaderListSize, 128 * 1024],
] as const;
/** How long answers that crossed a failed write may take. */
const CROSSING_MS = 1_000;

/** A connection of HTTP/2 to an endpoint. */
export class Http2Session implements StreamHost<Http2Stream>, SessionEvents {
  readonly streams = new Map<number, Http2Stream>();
  readonly liveness: Liveness;
  readonly createdAt: number;
  /** When its last exchange was over; monotonic ms. */
  idleSince: number;
  isLeaving = false;
  /** Called once when it takes exchanges. */
  onReady: (() => void) | null = null;
  /** Whom it tells. */
  owner: SessionOwner;
  private isReady = false;
  private isClosed = false;
  /** An answer came on it. */
  private hasServed = false;
  private nextId = 1;
  private resets = 0;
  private readonly asking: (() => void)[] = [];
  private crossing: NodeJS.Timeout | undefined;
  private readonly sender: Sender;
  private readonly reader: SessionReader;
  private readonly socket: Socket;
  private readonly intake: Intake;
  private readonly now: () => number;

  constructor(
    { socket, intake }: { readonly socket: Socket; readonly intake: Intake },
    owner: SessionOwner,
    now: () => number,
  ) {
    this.socket = socket;
    this.intake = intake;
    this.owner = owner;
    this.now = now;
    this.createdAt = now();
    this.idleSince = this.createdAt;
    this.liveness = new Liveness(this.createdAt);
    this.sender = new Sender(socket);
    this.reader = new SessionReader(this, this.sender);
    surviveFailedWrites(socket);
    intake.readInto(this.onBytes);
    socket.on('end', () => this.lose('the backend closed the connection'));
    socket.on('error', this.onError);
    socket.on('close', () => this.lose('the connection was lost'));
    this.sender.write(PREFACE);
    this.sender.write(settingsFrame(OUR_SETTINGS));
    this.sender.write(windowUpdateFrame(0, SESSION_WINDOW - 65_535));
  }

  /** It takes one more exchange. */
  get hasRoom(): boolean {
    if (!this.isReady || this.isLeaving || this.isClosed || !this.socket.writable) return false;
    if (this.liveness.isDoubtful(this.now())) return false;
    return this.streams.size < this.reader.settings.maxStreams;
  }

  /** Nothing was heard of it for so many ms. */
  get silentMs(): number {
    return this.now() - this.liveness.lastReadAt;
  }

  /** A stream for one exchange, which must begin it at once. */
  newStream(): Http2Stream {
    const uses = this.hasServed ? 2 : 1;
    return new Http2Stream(this, { uses, sendWindow: this.reader.settings.initialWindow });
  }

  /** Calls back when the backend has shown that it lives. */
  ask(answered: () => void): void {
    this.asking.push(answered);
    if (this.asking.length > 1) return;
    this.liveness.markAsked(this.now());
    this.reader.ping();
  }

  /** Looks whether it is dead, or is to be asked. Called about once a second. */
  sweep(): void {
    const now = this.now();
    this.reader.rest();
    if (this.liveness.isDead(now)) this.lose('the backend answers no PING');
    else if (this.streams.size > 0 && this.liveness.isSilent(now)) this.askForLife();
  }

  /** Takes no new exchanges, and closes when the last is over. */
  leave(): void {
    if (this.isClosed) return;
    if (!this.isLeaving) {
      this.isLeaving = true;
      this.owner.leaving(this);
    }
    if (this.streams.size === 0) this.end('NO_ERROR', 'no longer needed');
  }

  /** Ends it at once. */
  destroy(): void {
    this.close('connect_refused', 'given up');
    this.socket.destroy();
  }

  // For its streams.

  begin(stream: Http2Stream, fields: HeaderList, isEnd: boolean): number {
    const id = this.nextId;
    this.nextId += 2;
    this.streams.set(id, stream);
    stream.begunAt = this.now();
    this.guarded(() => this.sender.fields(id, fields, isEnd));
    if (this.nextId > MOST_31_BITS - 1) this.leave();
    return id;
  }

  sendData(stream: Http2Stream, bytes: Buffer): number {
    return this.sender.body(stream, bytes);
  }

  sendEnd(stream: Http2Stream, trailers: HeaderList): void {
    this.guarded(() => this.sender.end(stream, trailers));
  }

  get takesMore(): boolean {
    return this.sender.takesMore;
  }

  awaitRoom(stream: Http2Stream): void {
    this.sender.awaitRoom(stream);
  }

  grant(stream: Http2Stream, bytes: number): void {
    this.guarded(() => this.sender.reply(windowUpdateFrame(stream.id, bytes)));
  }

  reset(stream: Http2Stream, code: number): void {
    this.guarded(() => this.sender.write(resetFrame(stream.id, code)));
    this.resets++;
  }

  doubt(stream: Http2Stream): void {
    if (this.liveness.lastReadAt <= stream.begunAt) this.askForLife();
  }

  lend(): void {
    this.intake.letGo();
  }

  over(stream: Http2Stream): void {
    this.streams.delete(stream.id);
    this.sender.forget(stream);
    if (this.streams.size === 0) this.idleSince = this.now();
    if (this.isClosed) return;
    if (this.isLeaving || this.resets >= MOST_RESETS) this.leave();
    else this.owner.freed(this);
  }

  // For its reader.

  settingsCame(): void {
    if (this.isReady) {
      this.owner.freed(this);
      return;
    }
    this.isReady = true;
    this.onReady?.();
  }

  answerCame(): void {
    this.hasServed = true;
    this.liveness.heardWord();
  }

  pingAnswered(): void {
    this.liveness.heardAnswer();
    for (const answered of this.asking.splice(0)) answered();
  }

  /** The backend goes away: what is behind the last stream that it names was not begun. */
  goawayCame(lastStream: number, why: string): void {
    this.isLeaving = true;
    this.owner.leaving(this);
    for (const [id, stream] of [...this.streams]) {
      if (id > lastStream)
        stream.refuse('leaving', `the backend goes away (${why}), and has not begun with it`);
    }
    this.leave();
  }

  /** Whether a stream of this number was ever begun by us. */
  wasBegun(id: number): boolean {
    return id % 2 === 1 && id < this.nextId;
  }

  private readonly onBytes = (bytes: Buffer): boolean => {
    if (this.isClosed) return true;
    this.liveness.lastReadAt = this.now();
    this.guarded(() => this.reader.read(bytes));
    return true;
  };

  private guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.fail(error);
    }
  }

  private askForLife(): void {
    if (this.isReady && this.liveness.mayAsk(this.now())) this.guarded(() => this.reader.ping());
  }

  private fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof SessionError) this.end(error.code, message);
    else this.end('INTERNAL_ERROR', message);
  }

  private end(code: number | 'NO_ERROR' | 'INTERNAL_ERROR', message: string): void {
    if (this.isClosed) return;
    if (this.socket.writable)
      this.socket.write(goawayFrame(typeof code === 'number' ? code : errorCode(code)));
    this.close(code === 'INTERNAL_ERROR' ? 'internal' : 'bad_response', message, true);
    this.socket.destroySoon();
  }

  private lose(message: string): void {
    this.close('reset', message);
    this.socket.destroy();
  }

  /** @param answered Something came for every exchange: the word that broke all of them. */
  private close(failure: Failure, message: string, answered?: true): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.crossing);
    this.owner.closed(this, failure, message);
    for (const stream of [...this.streams.values()]) stream.lose(failure, message, answered);
    // Who asked whether it lives has to look for another.
    for (const answered of this.asking.splice(0)) answered();
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    if (this.isClosed) return;
    // What the backend said before it went, a GOAWAY above all, is still to be read.
    if (this.crossing === undefined && isFailedWrite(error, this.socket)) {
      readOn(this.socket);
      this.crossing = setTimeout(() => this.lose(error.message), CROSSING_MS);
      return;
    }
    this.lose(error.message);
  };
}
