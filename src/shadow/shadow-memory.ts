import type { HeldBytes } from '../model/held-bytes.ts';

/**
 * What one shadow holds of the memory that all have together, until it is compared: its request, the served answer and the
 * copy's. Who gets no more gives up its copy; nobody waits.
 */
export class MemoryShare {
  private taken = 0;
  private readonly memory: HeldBytes;

  constructor(memory: HeldBytes) {
    this.memory = memory;
  }

  /** False: there is no room. */
  readonly take = (bytes: number): boolean => {
    if (!this.memory.take(bytes)) return false;
    this.taken += bytes;
    return true;
  };

  /** All of it is free again; a second call does nothing. */
  readonly release = (): void => {
    this.memory.giveBack(this.taken);
    this.taken = 0;
  };
}
