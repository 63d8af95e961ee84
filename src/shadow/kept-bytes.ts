/**
 * A body kept for comparing, or for being sent once more: up to a limit, as long as there is memory. What comes is lent
 * (it stands in buffers that are read into again), so it is copied.
 */

const EMPTY = Buffer.alloc(0);

/** Limits of a body that is kept. */
export interface KeepLimits {
  /** Bytes. */
  readonly maxBody: number;
  /** Of what all shadows may hold. False: there is none left. */
  readonly take: (bytes: number) => boolean;
}

/** A body as far as it came. */
export class KeptBytes {
  /** Why it is not kept; null: it is. */
  lost: 'too_large' | 'no_room' | null = null;
  private pieces: Buffer[] = [];
  private bytes = 0;
  private readonly limits: KeepLimits;

  constructor(limits: KeepLimits) {
    this.limits = limits;
  }

  /** Copies it. False: from here on nothing is kept, and what was is let go. */
  add(bytes: Buffer): boolean {
    if (this.lost !== null) return false;
    this.bytes += bytes.length;
    if (this.bytes > this.limits.maxBody) this.lost = 'too_large';
    else if (!this.limits.take(bytes.length)) this.lost = 'no_room';
    else this.pieces.push(Buffer.from(bytes));
    if (this.lost !== null) this.pieces = [];
    return this.lost === null;
  }

  /** All of it in one; null: it was not kept. */
  whole(): Buffer | null {
    if (this.lost !== null) return null;
    if (this.pieces.length > 1) this.pieces = [Buffer.concat(this.pieces)];
    return this.pieces[0] ?? EMPTY;
  }
}
