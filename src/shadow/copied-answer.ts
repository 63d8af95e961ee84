import type { AnswerHead, AnswerSink } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { ShadowAnswer } from '../model/shadow.ts';
import { type KeepLimits, KeptBytes } from './kept-bytes.ts';

/** What a copy's answer is taken down with. */
export interface CopiedAnswerOptions extends KeepLimits {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Told once, whatever came. `isEnded` false: no more is wanted, and the copy is to be given up. */
  readonly onOver: (answer: ShadowAnswer, isEnded: boolean) => void;
}

/** The answer to a copy: taken down as far as limits allow, and never held up. */
export class CopiedAnswer implements AnswerSink {
  onDrain: (() => void) | null = null;
  onFinish: (() => void) | null = null;
  private isOver = false;
  private answerHead: { readonly status: number; readonly headers: HeaderList } | null = null;
  private latencyMs: number | null = null;
  private readonly startedAt: number;
  private readonly body: KeptBytes;
  private readonly options: CopiedAnswerOptions;

  constructor(options: CopiedAnswerOptions) {
    this.options = options;
    this.startedAt = options.now();
    this.body = new KeptBytes(options);
  }

  head({ status, headers }: AnswerHead): void {
    this.answerHead = { status, headers };
    this.latencyMs = this.options.now() - this.startedAt;
  }

  chunk(bytes: Buffer): boolean {
    // Once it is longer than anybody compares, the rest is not waited for.
    if (!this.isOver && !this.body.add(bytes)) this.finish(null, false);
    return true;
  }

  end(): void {
    this.finish(null, true);
    this.onFinish?.();
  }

  fail(failure: Failure): number {
    this.finish(failure, true);
    this.onFinish?.();
    return 0;
  }

  cut(): void {
    this.finish('reset', true);
    this.onFinish?.();
  }

  /** No more is waited for. */
  giveUp(failure: Failure): void {
    this.finish(failure, false);
  }

  informational(): void {}
  cork(): void {}
  uncork(): void {}

  switchProtocols(): never {
    throw new Error('a copy never asks for another protocol');
  }

  private finish(failure: Failure | null, isEnded: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    const body = failure === null ? this.body.whole() : null;
    const answer: ShadowAnswer = {
      failure,
      status: this.answerHead?.status ?? 0,
      headers: this.answerHead?.headers ?? [],
      body,
      noBody: body === null ? (this.body.lost ?? 'broken') : null,
      latencyMs: this.latencyMs,
    };
    this.options.onOver(answer, isEnded);
  }
}
