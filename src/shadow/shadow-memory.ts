import type { HeldBytes } from '../model/held-bytes.ts';

/**
 * What all shadows together may hold: requests, served answers and copies' answers, until they are compared. It counts
 * against what everyone holds together, and is at most a part of that, so that copies never take away what is kept for
 * something served. Who gets no more gives up its copy; nobody waits.
 */
export class ShadowMemory {
  /** Bytes. */
  held = 0;
  private readonly limit: number;
  private readonly memory: HeldBytes;

  /** @param limit Bytes, less than what everyone may hold. */
  constructor(memory: HeldBytes, limit: number) {
    this.memory = memory;
    this.limit = limit;
  }

  /** False: there is no room for so many, and none were taken. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.limit || !this.memory.take(bytes)) return false;
    this.held += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.held -= bytes;
    this.memory.giveBack(bytes);
  }
}

/** What one shadow holds of it. */
export class MemoryShare {
  private taken = 0;
  private readonly memory: ShadowMemory;

  constructor(memory: ShadowMemory) {
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
