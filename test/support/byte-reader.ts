import type { Duplex } from 'node:stream';

/** The connection ended, or broke, before the bytes that were asked for had come. */
export class ClosedEarly extends Error {
  /** What had come of them. */
  readonly partial: Buffer;
  readonly reset: boolean;
  constructor(partial: Buffer, reset: boolean) {
    super(`connection ${reset ? 'reset' : 'closed'} after ${partial.length} of the expected bytes`);
    this.partial = partial;
    this.reset = reset;
  }
}

/**
 * Takes the bytes of a socket off piece by piece. It pulls: while nobody asks, nothing is read, so a slow reader is
 * simply one who does not ask.
 */
export class ByteReader {
  readonly #socket: Duplex;
  #held: Buffer = Buffer.alloc(0);
  #over = false;
  #reset = false;
  #wake: (() => void) | null = null;

  constructor(socket: Duplex) {
    this.#socket = socket;
    const wake = (): void => this.#wake?.();
    socket.on('readable', () => {
      // Shows the end of what comes also while nobody asks for more.
      if (socket.readableLength === 0) socket.read(0);
      wake();
    });
    const over = (): void => {
      this.#over = true;
      wake();
    };
    socket.on('end', over);
    socket.on('close', over);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') this.#reset = true;
      over();
    });
  }

  /** Whether the connection broke with a reset; known once a read has failed. */
  get wasReset(): boolean {
    return this.#reset;
  }

  /** Up to the next LF, without it and a CR before it; latin1. */
  async line(): Promise<string> {
    let from = 0;
    for (;;) {
      const at = this.#held.indexOf(10, from);
      if (at >= 0)
        return this.#take(at + 1)
          .toString('latin1')
          .replace(/\r?\n$/, '');
      from = this.#held.length;
      await this.#more();
    }
  }

  async exactly(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.#held.length === 0) await this.#moreOr(pieces);
      const piece = this.#take(Math.min(missing, this.#held.length));
      missing -= piece.length;
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** Whatever comes next, at least one byte. */
  async some(): Promise<Buffer> {
    if (this.#held.length === 0) await this.#more();
    return this.#take(this.#held.length);
  }

  /** Whatever comes next, at least one byte and at most this many. */
  async upTo(count: number): Promise<Buffer> {
    if (this.#held.length === 0) await this.#more();
    return this.#take(Math.min(count, this.#held.length));
  }

  /** Everything up to the connection's end; `wasReset` tells how it ended. */
  async rest(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    try {
      for (;;) pieces.push(await this.some());
    } catch (error) {
      if (!(error instanceof ClosedEarly)) throw error;
      return Buffer.concat([...pieces, error.partial]);
    }
  }

  /** Reads on until the connection is over, keeping nothing. */
  async closed(): Promise<'end' | 'reset'> {
    await this.rest();
    return this.#reset ? 'reset' : 'end';
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #moreOr(pieces: Buffer[]): Promise<void> {
    try {
      await this.#more();
    } catch (error) {
      if (error instanceof ClosedEarly)
        throw new ClosedEarly(Buffer.concat([...pieces, error.partial]), error.reset);
      throw error;
    }
  }

  async #more(): Promise<void> {
    for (;;) {
      const bytes = this.#socket.read() as Buffer | null;
      if (bytes !== null) {
        this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
        return;
      }
      if (this.#over) throw new ClosedEarly(this.#take(this.#held.length), this.#reset);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
