import type { Socket } from 'node:net';
import type { HeaderList } from '../../model/header-list.ts';
import { serialiseFields } from '../request-text.ts';
import { AnswerError, type AnswerEvents, AnswerParser } from './answer-parser.ts';
import type { AnswerReceiver, Carrier, SentRequest } from './carrier.ts';
import { dieOfFailedWrites, isFailedWrite, readOn, surviveFailedWrites } from './failed-writes.ts';
import type { Intake } from './intake.ts';
import type { ParsedHead } from './parsed-head.ts';
import { RequestOutput } from './request-output.ts';

/**
 * One connection to an endpoint, for one exchange at a time. It is given back for reuse only when the request was
 * sent whole, the answer was read whole, and not one byte is left over: anything else closes it, since bytes that
 * belong to no request would be read as the answer to the next client's.
 */

/** How a connection tells its pool that it is free, or gone. */
export interface ConnectionOwner {
  released(connection: BackendConnection): void;
  closed(connection: BackendConnection): void;
}

/** How long an answer that crossed a failed write may take: it has come, or the reset that follows it has. */
const CROSSING_MS = 1_000;

/** A connection to an endpoint, for one exchange at a time. */
export class BackendConnection implements AnswerEvents, Carrier {
  /** Exchanges begun on it, this one included. */
  uses = 0;
  /** `performance.now()` when it became idle. */
  idleSince = 0;
  /** How long the backend promised to keep it, ms (`Keep-Alive: timeout=`), 0 if it said nothing. */
  keepAliveMs = 0;
  private receiver: AnswerReceiver | null = null;
  private readonly parser: AnswerParser;
  private requestSent = false;
  private isChunked = false;
  private answered = false;
  /** The answer is whole; its trailers, until the receiver is told. */
  private trailers: HeaderList | null = null;
  private reusable = false;
  private isClosed = false;
  /** The receiver wants no more for now: what it got last may be lent to the client's socket. */
  private isPaused = false;
  /** The head of a 101, until its bytes are read to the end and the socket can change hands. */
  private pendingUpgrade: ParsedHead | null = null;
  /** Since a write failed: what the backend had said before is still read. */
  private crossing: NodeJS.Timeout | null = null;

  private readonly socket: Socket;
  private readonly intake: Intake;
  private readonly output: RequestOutput;
  private readonly owner: ConnectionOwner;

  constructor(socket: Socket, intake: Intake, owner: ConnectionOwner) {
    this.socket = socket;
    this.intake = intake;
    this.owner = owner;
    this.output = new RequestOutput(socket, () => this.onDrain());
    this.parser = new AnswerParser(this);
    surviveFailedWrites(socket);
    intake.readInto(this.read);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
    socket.on('drain', this.onDrain);
  }

  /** Nothing has closed it: it may take a request. False for a socket that the backend has closed meanwhile. */
  get isUsable(): boolean {
    return !this.isClosed && this.socket.writable && !this.socket.readableEnded && !this.socket.destroyed;
  }

  send({ head, method, upgrade, bodyLength }: SentRequest, receiver: AnswerReceiver): void {
    const hasBody = bodyLength !== 0;
    this.uses += 1;
    this.receiver = receiver;
    this.requestSent = !hasBody;
    this.isChunked = bodyLength === null;
    this.answered = false;
    this.reusable = false;
    this.parser.begin(method, upgrade ? offerOf(head) : null);
    // What is there of the body at once leaves with the head, in one system call.
    if (hasBody) this.output.write(head);
    else this.socket.write(head, 'latin1');
  }

  bodyChunk(bytes: Buffer): boolean {
    if (bytes.length === 0) return true;
    return this.isChunked ? this.output.writeChunk(bytes) : this.output.write(bytes);
  }

  bodyEnd(trailers: HeaderList): void {
    this.requestSent = true;
    if (this.isChunked) this.output.write(`0\r\n${serialiseFields(trailers)}\r\n`);
  }

  pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.isPaused = false;
    this.socket.resume();
  }

  destroy(): void {
    this.receiver = null;
    this.isClosed = true;
    if (this.crossing !== null) clearTimeout(this.crossing);
    this.socket.destroy();
  }

  // The answer, as the parser reads it.

  informational(status: number, reason: string, headers: HeaderList): void {
    this.receiver?.informational(status, reason, headers);
  }

  head(head: ParsedHead): void {
    this.reusable = head.keepAlive;
    this.keepAliveMs = announcedKeepAliveMs(head.fields.keepAlive);
    if (head.status !== 101) this.receiver?.head(head);
    else this.pendingUpgrade = head;
  }

  chunk(bytes: Buffer): void {
    this.receiver?.chunk(bytes);
  }

  end(trailers: HeaderList): void {
    this.trailers = trailers;
  }

  private readonly read = (bytes: Buffer): boolean => {
    const { receiver } = this;
    if (receiver === null) {
      // An idle connection has nothing to say: whatever this is, it is no client's answer.
      this.destroy();
      return true;
    }
    this.answered = true;
    receiver.readBegins();
    try {
      const taken = this.parser.feed(bytes);
      if (this.pendingUpgrade !== null) this.handOver(bytes.subarray(taken));
      else if (this.trailers !== null) this.endAnswer(this.trailers, taken === bytes.length);
    } catch (error) {
      this.fail(error);
    } finally {
      receiver.readEnds();
    }
    return true;
  };

  /** Free before the receiver hears of it: the client's next request may come of that. `isClean`: no bytes are left. */
  private endAnswer(trailers: HeaderList, isClean: boolean): void {
    const { receiver } = this;
    this.trailers = null;
    this.receiver = null;
    if (isClean && this.reusable && this.requestSent && this.isUsable) this.release();
    else this.destroy();
    receiver?.end(trailers);
  }

  private handOver(rest: Buffer): void {
    const head = this.pendingUpgrade as ParsedHead;
    const receiver = this.receiver;
    this.detach();
    receiver?.upgraded(head, this.socket, Buffer.from(rest));
  }

  /** Takes our listeners off the socket: it is someone else's from here on. */
  private detach(): void {
    this.receiver = null;
    this.isClosed = true;
    dieOfFailedWrites(this.socket);
    this.intake.handOver(this.socket);
    this.socket.off('end', this.onEnd);
    this.socket.off('error', this.onError);
    this.socket.off('close', this.onClose);
    this.socket.off('drain', this.onDrain);
    this.owner.closed(this);
  }

  private release(): void {
    this.intake.idle(this.isPaused);
    if (this.isPaused) this.resume();
    this.owner.released(this);
  }

  private fail(error: unknown): void {
    const receiver = this.receiver;
    const message = error instanceof Error ? error.message : String(error);
    this.destroy();
    receiver?.failed(error instanceof AnswerError ? 'bad_response' : 'internal', message, this.answered);
  }

  private readonly onEnd = (): void => {
    const { receiver } = this;
    if (receiver === null) {
      this.destroy();
      return;
    }
    // Up to Node 22, a reset that comes together with bytes is told as an end; but then there is no peer any more.
    if (this.socket.remoteAddress === undefined) {
      this.lose('the connection was reset');
      return;
    }
    try {
      this.parser.finish();
    } catch (error) {
      this.destroy();
      receiver.failed('reset', (error as Error).message, this.answered);
      return;
    }
    this.reusable = false;
    if (this.trailers !== null) this.endAnswer(this.trailers, true);
  };

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    if (this.receiver !== null && this.crossing === null && isFailedWrite(error, this.socket)) {
      this.awaitCrossing(error);
      return;
    }
    this.lose(error.message);
  };

  /** The request cannot be sent on, but its answer may have come: bytes, `end` or `close` will tell. */
  private awaitCrossing(error: Error): void {
    readOn(this.socket);
    this.crossing = setTimeout(() => this.lose(error.message), CROSSING_MS);
  }

  private lose(message: string): void {
    const receiver = this.receiver;
    this.destroy();
    receiver?.failed('reset', message, this.answered);
  }

  private readonly onClose = (): void => {
    const receiver = this.receiver;
    this.receiver = null;
    this.isClosed = true;
    if (this.crossing !== null) clearTimeout(this.crossing);
    this.owner.closed(this);
    receiver?.failed('reset', 'the connection was lost', this.answered);
  };

  private readonly onDrain = (): void => {
    this.output.drained();
    this.receiver?.writable();
  };
}

/** `Keep-Alive: timeout=5`: how long the backend keeps an idle connection, ms; 0 if it does not say. */
function announcedKeepAliveMs(field: string | null): number {
  if (field === null) return 0;
  const timeout = /(?:^|[ ,])timeout=([0-9]{1,6})/i.exec(field)?.[1];
  return timeout === undefined ? 0 : Number(timeout) * 1000;
}

/** The protocols that a request offers. */
function offerOf(head: string): string | null {
  return /^upgrade: (.*)\r$/im.exec(head)?.[1] ?? null;
}
