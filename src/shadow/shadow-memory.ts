/**
 * What all shadows together may hold: one cap over requests, served answers and copies' answers, until they are compared.
 * Who gets no more gives up its copy; nobody waits.
 */
export class ShadowMemory {
  /** Bytes. */
  held = 0;
  readonly limit: number;

  /** @param limit Bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** False: there is no room for so many bytes, and none was taken. */
  take(bytes: number): boolean {
    if (this.held + bytes > this.limit) return false;
    this.held += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.held -= bytes;
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
