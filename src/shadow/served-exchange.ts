import { isEndless } from '../model/endless-type.ts';
import type { AnswerHead } from '../model/exchange.ts';
import { firstValue, type HeaderList } from '../model/header-list.ts';
import type { ShadowAnswer, ShadowSkip } from '../model/shadow.ts';
import type { KeptRequest } from './copy-exchange.ts';
import { type KeepLimits, KeptBytes } from './kept-bytes.ts';
import type { ExchangeListener } from './watched-exchange.ts';

/**
 * What is served, taken down while it passes:
 *
 *   request whole ─▶ answer's head ─▶ answer whole ─▶ onServed
 *        └──────────────────┴──────────────┴─▶ onDropped (no memory), onSkipped (why)
 *
 * The first of these ends it; what comes after is not even looked at.
 */

/** Who is told, once. */
export interface ServedTold {
  /** Both are whole: a copy can be sent. */
  onServed(request: KeptRequest, answer: ShadowAnswer): void;
  onSkipped(why: ShadowSkip): void;
  /** There is no memory for it. */
  onDropped(): void;
}

/** What it takes down, and how. */
export interface ServedOptions extends KeepLimits {
  readonly request: Pick<KeptRequest, 'head' | 'traits' | 'peer' | 'length'>;
  /** Monotonic, ms. */
  readonly now: () => number;
}

/** An answer of which only a part was asked for, or none since the client has it: there is nothing to compare. */
const PARTS: ReadonlySet<number> = new Set([206, 304]);

/** One exchange that is served, for its copy. */
export class ServedExchange implements ExchangeListener {
  private isOver = false;
  private trailers: HeaderList | null;
  private answer: { readonly status: number; readonly headers: HeaderList } | null = null;
  /** When the request was whole, as far as is known; then how long its answer took to begin. */
  private wholeAt: number;
  private latencyMs = 0;
  private readonly requestBody: KeptBytes;
  private readonly answerBody: KeptBytes;
  private readonly options: ServedOptions;
  private readonly told: ServedTold;

  constructor(options: ServedOptions, told: ServedTold) {
    this.options = options;
    this.told = told;
    this.wholeAt = options.now();
    this.trailers = options.request.length === 0 ? [] : null;
    this.requestBody = new KeptBytes(options);
    this.answerBody = new KeptBytes(options);
  }

  requestChunk(bytes: Buffer): void {
    if (!this.isOver && !this.requestBody.add(bytes)) this.lose(this.requestBody);
  }

  requestEnd(trailers: HeaderList): void {
    this.trailers = trailers;
    this.wholeAt = this.options.now();
  }

  answerHead(head: AnswerHead): void {
    if (this.isOver) return;
    const { status, headers } = head;
    if (PARTS.has(status)) this.skip('partial');
    else if (isEndless(firstValue(headers, 'content-type') ?? null)) this.skip('stream');
    else if ((head.bodyLength ?? 0) > this.options.maxBody) this.skip('too_large');
    this.answer = { status, headers };
    this.latencyMs = this.options.now() - this.wholeAt;
  }

  answerChunk(bytes: Buffer): void {
    if (!this.isOver && !this.answerBody.add(bytes)) this.lose(this.answerBody);
  }

  answerEnd(): void {
    if (this.isOver || this.answer === null) return;
    const { trailers } = this;
    const body = this.requestBody.whole();
    // Answered before the request was whole: what was not read cannot be copied.
    if (trailers === null || body === null) {
      this.skip('partial');
      return;
    }
    this.isOver = true;
    this.told.onServed(
      { ...this.options.request, body, trailers },
      {
        failure: null,
        ...this.answer,
        body: this.answerBody.whole(),
        noBody: null,
        latencyMs: this.latencyMs,
      },
    );
  }

  answerLost(why: 'failed' | 'fallback'): void {
    this.skip(why);
  }

  private lose({ lost }: KeptBytes): void {
    if (lost === 'too_large') this.skip('too_large');
    else if (this.end()) this.told.onDropped();
  }

  private skip(why: ShadowSkip): void {
    if (this.end()) this.told.onSkipped(why);
  }

  /** False: it was over already. */
  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    return true;
  }
}
