/**
 * What may still come of a body, or of all bodies of a connection (RFC 9113 section 5.2): a window that is opened again
 * when its bytes were taken, in large steps, so that not every piece costs a frame.
 */
export class ReceiveWindow {
  readonly #size: number;
  #left: number;
  #taken = 0;

  constructor(size: number) {
    this.#size = size;
    this.#left = size;
  }

  /** Bytes came. False: more than was allowed. */
  came(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** Somebody took them. Returns by how much to open the window now, or 0. */
  took(bytes: number): number {
    this.#taken += bytes;
    if (this.#taken < this.#size / 2) return 0;
    const increment = this.#taken;
    this.#left += increment;
    this.#taken = 0;
    return increment;
  }
}
