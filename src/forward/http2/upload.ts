import type { HeaderList } from '../../model/header-list.ts';

/** Where it goes. */
export interface UploadWay {
  /** How many of the bytes were sent: as many as the windows and the connection take. */
  sendPiece(bytes: Buffer): number;
  sendEnd(trailers: HeaderList): void;
  /** The connection takes more now. */
  readonly takesMore: boolean;
  /** `flush` is to be called when more can be sent. */
  awaitRoom(): void;
}

/**
 * The body of a request on its way out. What the windows do not let out waits here: one piece of the client's, since it
 * is asked for no more until that is gone.
 */
export class Upload {
  /** Its end was sent, too. */
  isSent = false;
  private pending: Buffer[] = [];
  private pendingEnd: HeaderList | null = null;
  private readonly way: UploadWay;

  constructor(way: UploadWay) {
    this.way = way;
  }

  /** False: no more for now. */
  chunk(bytes: Buffer): boolean {
    const sent = this.pending.length === 0 ? this.way.sendPiece(bytes) : 0;
    if (sent < bytes.length) this.pending.push(Buffer.from(bytes.subarray(sent)));
    if (this.pending.length === 0 && this.way.takesMore) return true;
    this.way.awaitRoom();
    return false;
  }

  end(trailers: HeaderList): void {
    if (this.pending.length > 0) this.pendingEnd = trailers;
    else this.sendEnd(trailers);
  }

  /** Sends what waits, as far as it can. True: nothing waits any more. */
  flush(): boolean {
    while (this.pending.length > 0) {
      const piece = this.pending[0] as Buffer;
      const sent = this.way.sendPiece(piece);
      if (sent < piece.length) {
        this.pending[0] = piece.subarray(sent);
        this.way.awaitRoom();
        return false;
      }
      this.pending.shift();
    }
    if (this.pendingEnd !== null) this.sendEnd(this.pendingEnd);
    return true;
  }

  /** Nothing of it is wanted any more. */
  clear(): void {
    this.pending = [];
    this.pendingEnd = null;
  }

  private sendEnd(trailers: HeaderList): void {
    this.pendingEnd = null;
    this.isSent = true;
    this.way.sendEnd(trailers);
  }
}
