/**
 * Finds where WebSocket frames end (RFC 6455 section 5.2) in bytes that pass by, without looking into them: a goodbye
 * may only be put between two frames. Control frames may stand between the frames of one message (section 5.4).
 *
 *   byte 0: FIN, opcode   byte 1: MASK, length (126: 2 more bytes, 127: 8 more)   mask: 4 bytes   payload
 */
export class FrameBoundaries {
  /** Bytes of the frame's head so far; a head has at most 14. */
  private readonly head: number[] = [];
  private payloadLeft = 0;

  /** No frame is under way. */
  get isAtBoundary(): boolean {
    return this.head.length === 0 && this.payloadLeft === 0;
  }

  /** Reads on, up to the first boundary: returns how many bytes lie before it, or -1 if there is none in these. */
  readToBoundary(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      at = this.payloadLeft > 0 ? this.skipPayload(bytes, at) : this.readHeadByte(bytes, at);
      if (this.isAtBoundary) return at;
    }
    return -1;
  }

  /** Reads all of these bytes. */
  read(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length)
      at = this.payloadLeft > 0 ? this.skipPayload(bytes, at) : this.readHeadByte(bytes, at);
  }

  private skipPayload(bytes: Buffer, at: number): number {
    const skipped = Math.min(this.payloadLeft, bytes.length - at);
    this.payloadLeft -= skipped;
    return at + skipped;
  }

  private readHeadByte(bytes: Buffer, at: number): number {
    this.head.push(bytes[at] as number);
    if (this.head.length >= 2 && this.head.length === this.headLength()) {
      this.payloadLeft = this.payloadLength();
      this.head.length = 0;
    }
    return at + 1;
  }

  private headLength(): number {
    const second = this.head[1] as number;
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  private payloadLength(): number {
    const length = (this.head[1] as number) & 0x7f;
    if (length < 126) return length;
    const lengthBytes = this.head.slice(2, length === 126 ? 4 : 10);
    return lengthBytes.reduce((sum, byte) => sum * 256 + byte, 0);
  }
}

/** Close 1001, "going away" (RFC 6455 section 7.4.1), as a server sends it. */
export const CLOSE_GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** The same as a client sends it: masked (section 5.3); the mask of zeros leaves the payload as it is. */
export const CLOSE_GOING_AWAY_MASKED = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]);
