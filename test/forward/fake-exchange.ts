import { PassThrough } from 'node:stream';
import type {
  AnswerHead,
  AnswerSink,
  BodyReceiver,
  ClientExchange,
  RequestBody,
} from '../../src/model/exchange.ts';
import { type Failure, statusOf } from '../../src/model/failure.ts';
import type { HeaderList } from '../../src/model/header-list.ts';
import type { RequestHead } from '../../src/model/request.ts';

/** A request as a test says it. */
export interface FakeRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: HeaderList;
  /** Pieces of the body. */
  readonly body?: readonly string[];
  /** Of the body: its Content-Length, or null for chunked. By default the pieces' length. */
  readonly length?: number | null;
  readonly trailers?: HeaderList;
  readonly upgrade?: string | null;
  readonly expectsContinue?: boolean;
  /** The body's last piece comes only when the test calls `finishBody`. */
  readonly holdBody?: boolean;
  readonly address?: string;
  readonly secure?: boolean;
}

/** A client that is not there: it says what the test says, and writes down what it is told. */
export class FakeExchange implements ClientExchange {
  readonly head: RequestHead;
  readonly traits: ClientExchange['traits'];
  readonly peer: ClientExchange['peer'];
  readonly startedAt = performance.now();
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly body: FakeBody;
  readonly answer: FakeAnswer;
  onClientGone: (() => void) | null = null;

  constructor(request: FakeRequest = {}) {
    const target = request.target ?? '/';
    const [path = '', ...query] = target.split('?');
    this.body = new FakeBody(request);
    const length = this.body.length ? ['Content-Length', String(this.body.length)] : [];
    const headers = request.headers ?? ['Host', 'shop.test', ...length];
    const method = request.method ?? 'GET';
    this.head = { method, target, minorVersion: 1, headers };
    this.traits = {
      method,
      host: 'shop.test',
      path,
      query: target.includes('?') ? query.join('?') : null,
      headers,
    };
    this.peer = { address: request.address ?? '192.0.2.7', port: 4711, secure: request.secure ?? false };
    this.upgrade = request.upgrade ?? null;
    this.expectsContinue = request.expectsContinue ?? false;
    this.answer = new FakeAnswer();
  }

  /** The client closes its connection. */
  leave(): void {
    this.onClientGone?.();
  }
}

class FakeBody implements RequestBody {
  readonly length: number | null;
  isPaused = false;
  wasRead = false;
  private receiver: BodyReceiver | null = null;
  private readonly pieces: string[];
  private readonly request: FakeRequest;

  constructor(request: FakeRequest) {
    this.request = request;
    this.pieces = [...(request.body ?? [])];
    this.length = request.length === undefined ? this.pieces.join('').length : request.length;
  }

  read(receiver: BodyReceiver): void {
    if (this.wasRead) throw new Error('the body is read twice');
    this.wasRead = true;
    this.receiver = receiver;
    setImmediate(() => this.flow());
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    setImmediate(() => this.flow());
  }

  /** Sends the rest of a held body. */
  finishBody(): void {
    this.isHeld = false;
    this.flow();
  }

  /** More of the body, now. */
  push(text: string): void {
    this.receiver?.chunk(Buffer.from(text, 'latin1'));
  }

  private isHeld: boolean | null = null;
  private isEnded = false;

  private flow(): void {
    // Nobody reads yet: `read` calls again, and nothing is lost.
    if (this.receiver === null) return;
    this.isHeld ??= this.request.holdBody ?? false;
    while (this.pieces.length > 0 && !this.isPaused) this.push(this.pieces.shift() as string);
    if (this.pieces.length > 0 || this.isPaused || this.isHeld || this.isEnded) return;
    this.isEnded = true;
    this.receiver?.end(this.request.trailers ?? []);
  }
}

export class FakeAnswer implements AnswerSink {
  readonly informationals: { status: number; headers: HeaderList }[] = [];
  status: number | null = null;
  headOfAnswer: AnswerHead | null = null;
  text = '';
  trailers: HeaderList | null = null;
  failure: Failure | null = null;
  wasCut = false;
  /** True: `chunk` asks to wait until the test calls `drain`. */
  isSlow = false;
  readonly tunnel = { near: new PassThrough(), far: new PassThrough() };
  onDrain: (() => void) | null = null;
  onFinish: (() => void) | null = null;
  private readonly woken: (() => void)[] = [];

  informational(status: number, _reason: string, headers: HeaderList): void {
    this.informationals.push({ status, headers });
    this.wake();
  }

  head(head: AnswerHead): void {
    if (this.status !== null) throw new Error('two heads');
    this.headOfAnswer = head;
    this.status = head.status;
    this.wake();
  }

  chunk(bytes: Buffer): boolean {
    if (this.status === null || this.trailers !== null) throw new Error('a chunk out of place');
    this.text += bytes.toString('latin1');
    this.wake();
    return !this.isSlow;
  }

  end(trailers: HeaderList): void {
    this.trailers = trailers;
    this.finish();
  }

  cork(): void {}

  uncork(): void {}

  fail(failure: Failure): number {
    if (this.status !== null) throw new Error('a problem after a head');
    this.failure = failure;
    this.status = statusOf(failure);
    this.finish();
    return 0;
  }

  cut(): void {
    this.wasCut = true;
    this.finish();
  }

  switchProtocols(): never {
    throw new Error('tunnels are tested end to end');
  }

  /** Resolves when `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.woken.push(resolve));
  }

  /** Resolves when the answer is over. */
  get over(): Promise<void> {
    return this.until(() => this.trailers !== null || this.failure !== null || this.wasCut);
  }

  private finish(): void {
    this.wake();
    queueMicrotask(() => this.onFinish?.());
  }

  private wake(): void {
    for (const resolve of this.woken.splice(0)) resolve();
  }
}
