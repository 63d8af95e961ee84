import type { HeldBytes } from '../model/held-bytes.ts';

/** The port `HeldBytes`. `limit`: bytes. */
export function createHeldBytes(limit: number): HeldBytes {
  return new Account(limit);
}

class Account implements HeldBytes {
  held = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.held >= this.#limit;
  }

  take(bytes: number): boolean {
    if (this.held + bytes > this.#limit) return false;
    this.held += bytes;
    return true;
  }

  hold(bytes: number): void {
    this.held += bytes;
  }

  giveBack(bytes: number): void {
    this.held -= bytes;
  }
}
