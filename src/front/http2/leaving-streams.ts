import type { AnswerOutput } from '../answer-output.ts';
import type { Http2Exchange } from './http2-exchange.ts';

/** Streams whose last frame was written, until the kernel has it: asked once for all that end in a turn of the event loop. */
export class LeavingStreams {
  readonly #output: AnswerOutput;
  readonly #emptied: () => void;
  #streams: Http2Exchange[] = [];

  /** `emptied`: none is left. */
  constructor(output: AnswerOutput, emptied: () => void) {
    this.#output = output;
    this.#emptied = emptied;
  }

  get isEmpty(): boolean {
    return this.#streams.length === 0;
  }

  add(exchange: Http2Exchange): void {
    if (this.#streams.push(exchange) === 1) process.nextTick(this.#onTick);
  }

  /** The connection is gone. */
  lose(): void {
    for (const exchange of this.#streams.splice(0)) exchange.closed();
  }

  readonly #onTick = (): void => {
    const count = this.#streams.length;
    if (this.#output.flushAll()) this.#left(count);
    else
      this.#output.whenSent((error) => {
        if (!error) this.#left(count);
      });
  };

  #left(count: number): void {
    for (const exchange of this.#streams.splice(0, count)) exchange.closed();
    if (this.#streams.length > 0) this.#onTick();
    else this.#emptied();
  }
}
