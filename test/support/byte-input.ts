import type { ByteReader } from './byte-reader.ts';

/** Bytes of a connection as latin1 text, taken off in order, with nothing changed on the way. */
export class ByteInput {
  readonly #reader: ByteReader;
  #held = '';

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Up to and with this mark. */
  async until(mark: string): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at >= 0) return this.#cut(at + mark.length);
      await this.#more();
    }
  }

  async take(count: number): Promise<string> {
    while (this.#held.length < count) await this.#more();
    return this.#cut(count);
  }

  /** Whatever is there, or comes next. */
  async some(): Promise<string> {
    if (this.#held === '') await this.#more();
    return this.#cut(this.#held.length);
  }

  /** The same, but no more than so many. */
  async upTo(count: number): Promise<string> {
    if (this.#held === '') await this.#more();
    return this.#cut(Math.min(count, this.#held.length));
  }

  async #more(): Promise<void> {
    this.#held += (await this.#reader.some()).toString('latin1');
  }

  #cut(count: number): string {
    const cut = this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    return cut;
  }
}
