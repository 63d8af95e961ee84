/**
 * An exchange that is served, and listened to on its way for a copy. It passes everything on as it came, at the same
 * moment, and hands a copy of what passes to the listener: what is served cannot tell the difference.
 */
import type { AnswerHead, AnswerSink, BodyReceiver, ClientExchange, RequestBody } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { Peer, RequestHead, RequestTraits } from '../model/request.ts';

/** Who listens. Nothing of it throws or waits; bytes are lent for the call. */
export interface ExchangeListener {
  requestChunk(bytes: Buffer): void;
  requestEnd(trailers: HeaderList): void;
  answerHead(head: AnswerHead): void;
  answerChunk(bytes: Buffer): void;
  answerEnd(): void;
  /** There will be no whole answer of the side that was decided on: it broke, or another side was asked. */
  answerLost(why: 'failed' | 'fallback'): void;
}

/** The exchange in its front's place. */
export class WatchedExchange implements ClientExchange, RequestBody {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  readonly startedAt: number;
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  readonly length: number | null;
  readonly answer: AnswerSink;
  private readonly exchange: ClientExchange;
  private readonly listener: ExchangeListener;

  constructor(exchange: ClientExchange, listener: ExchangeListener) {
    this.exchange = exchange;
    this.listener = listener;
    this.head = exchange.head;
    this.traits = exchange.traits;
    this.peer = exchange.peer;
    this.startedAt = exchange.startedAt;
    this.upgrade = exchange.upgrade;
    this.expectsContinue = exchange.expectsContinue;
    this.length = exchange.body.length;
    this.answer = new WatchedAnswer(exchange.answer, listener);
  }

  get body(): RequestBody {
    return this;
  }

  read(receiver: BodyReceiver): void {
    const { listener } = this;
    this.exchange.body.read({
      chunk: (bytes) => {
        listener.requestChunk(bytes);
        receiver.chunk(bytes);
      },
      end: (trailers) => {
        listener.requestEnd(trailers);
        receiver.end(trailers);
      },
      fail: (failure) => {
        listener.answerLost('failed');
        receiver.fail(failure);
      },
    });
  }

  pause(): void {
    this.exchange.body.pause();
  }

  resume(): void {
    this.exchange.body.resume();
  }

  otherSideAsked(): void {
    this.listener.answerLost('fallback');
  }

  get onClientGone(): (() => void) | null {
    return this.exchange.onClientGone;
  }

  set onClientGone(gone: (() => void) | null) {
    this.exchange.onClientGone = (): void => {
      this.listener.answerLost('failed');
      gone?.();
    };
  }
}

class WatchedAnswer implements AnswerSink {
  private readonly answer: AnswerSink;
  private readonly listener: ExchangeListener;

  constructor(answer: AnswerSink, listener: ExchangeListener) {
    this.answer = answer;
    this.listener = listener;
  }

  informational(status: number, reason: string, headers: HeaderList): void {
    this.answer.informational(status, reason, headers);
  }

  head(head: AnswerHead): void {
    this.listener.answerHead(head);
    this.answer.head(head);
  }

  chunk(bytes: Buffer): boolean {
    this.listener.answerChunk(bytes);
    return this.answer.chunk(bytes);
  }

  end(trailers: HeaderList): void {
    this.listener.answerEnd();
    this.answer.end(trailers);
  }

  cork(): void {
    this.answer.cork();
  }

  uncork(): void {
    this.answer.uncork();
  }

  fail(failure: Failure, requestId: string, fields?: HeaderList): number {
    this.listener.answerLost('failed');
    return this.answer.fail(failure, requestId, fields);
  }

  cut(): void {
    this.listener.answerLost('failed');
    this.answer.cut();
  }

  switchProtocols(head: AnswerHead): ReturnType<AnswerSink['switchProtocols']> {
    this.listener.answerLost('failed');
    return this.answer.switchProtocols(head);
  }

  get onDrain(): (() => void) | null {
    return this.answer.onDrain;
  }

  set onDrain(drained: (() => void) | null) {
    this.answer.onDrain = drained;
  }

  get onFinish(): (() => void) | null {
    return this.answer.onFinish;
  }

  set onFinish(finished: (() => void) | null) {
    this.answer.onFinish = finished;
  }
}
