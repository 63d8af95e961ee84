/**
 * A copy, as an exchange whose client is the router itself: it says what the client said, takes the answer down, and
 * leaves when it has heard enough. It goes the way of every other exchange, so that the other side gets what it would get
 * if it were to answer, and the answer is what its client would see.
 */
import type { AnswerSink, BodyReceiver, ClientExchange, RequestBody } from '../model/exchange.ts';
import { type HeaderList, isNamed } from '../model/header-list.ts';
import type { Peer, RequestHead, RequestTraits } from '../model/request.ts';

/** A request, kept whole. */
export interface KeptRequest {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  /** As the client gave it: null for chunked, 0 for none. */
  readonly length: number | null;
  readonly body: Buffer;
  readonly trailers: HeaderList;
}

/** The copy of a kept request, with its answer going to `answer`. */
export class CopyExchange implements ClientExchange, RequestBody {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  readonly peer: Peer;
  readonly startedAt: number;
  readonly upgrade = null;
  /** Nobody waits for a 100: the body is here. */
  readonly expectsContinue = false;
  readonly length: number | null;
  readonly answer: AnswerSink;
  onClientGone: (() => void) | null = null;
  private receiver: BodyReceiver | null = null;
  private isPaused = false;
  private isSent = false;
  private readonly kept: KeptRequest;

  constructor(kept: KeptRequest, answer: AnswerSink, startedAt: number) {
    this.kept = kept;
    this.answer = answer;
    this.startedAt = startedAt;
    this.head = withoutExpect(kept.head);
    this.traits = kept.traits;
    this.peer = kept.peer;
    this.length = kept.length;
  }

  get body(): RequestBody {
    return this;
  }

  read(receiver: BodyReceiver): void {
    this.receiver = receiver;
    this.flow();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.flow();
  }

  /** Nobody wants its answer any more: all work for it ends. */
  leave(): void {
    this.receiver = null;
    const gone = this.onClientGone;
    this.onClientGone = null;
    gone?.();
  }

  private flow(): void {
    const { receiver } = this;
    if (receiver === null || this.isPaused) return;
    if (!this.isSent) {
      this.isSent = true;
      if (this.kept.body.length > 0) receiver.chunk(this.kept.body);
      // It may have been told to wait before the end.
      if (this.isPaused) return;
    }
    this.receiver = null;
    receiver.end(this.kept.trailers);
  }
}

/** The lines stood for the fields as they came: without Expect they would say something else. */
function withoutExpect(head: RequestHead): RequestHead {
  const { headers } = head;
  if (!headers.some((name, i) => i % 2 === 0 && isNamed(name, 'expect'))) return head;
  const kept = headers.filter((_, i) => !isNamed(headers[i - (i % 2)] as string, 'expect'));
  return { ...head, headers: kept, lines: undefined };
}
