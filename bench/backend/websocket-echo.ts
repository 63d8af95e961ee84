/** The backend's half of a WebSocket (RFC 6455): takes the handshake, and sends each short message back. */
import { createHash } from 'node:crypto';

const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MASK_BYTES = 4;
const CLOSE = 8;

/** The whole 101 for a request's head. */
export function handshakeFor(head: string): string {
  const key = /\r\nsec-websocket-key: *([^\r]+)\r\n/i.exec(head)?.[1] ?? '';
  const accept = createHash('sha1')
    .update(key + KEY_SUFFIX)
    .digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** One direction of one connection. Messages of up to 125 bytes, in one frame each; others are not sent here. */
export class FrameEcho {
  #held: Buffer = Buffer.alloc(0);

  /** What is to be sent back for these bytes, unmasked as a server's frames must be; null after a Close. */
  echo(bytes: Buffer): Buffer | null {
    let input = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const frames: Buffer[] = [];
    for (let frame = firstFrame(input); frame !== null; frame = firstFrame(input)) {
      if (((frame[0] ?? 0) & 0x0f) === CLOSE) return null;
      frames.push(unmasked(frame));
      input = input.subarray(frame.length);
    }
    this.#held = input;
    return frames.length === 1 ? (frames[0] ?? null) : Buffer.concat(frames);
  }
}

function firstFrame(input: Buffer): Buffer | null {
  if (input.length < 2) return null;
  const length = 2 + MASK_BYTES + ((input[1] ?? 0) & 0x7f);
  return input.length < length ? null : input.subarray(0, length);
}

function unmasked(frame: Buffer): Buffer {
  const payload = frame.length - 2 - MASK_BYTES;
  const plain = Buffer.allocUnsafe(2 + payload);
  plain[0] = frame[0] ?? 0;
  plain[1] = payload;
  for (let i = 0; i < payload; i++)
    plain[2 + i] = (frame[2 + MASK_BYTES + i] ?? 0) ^ (frame[2 + (i % MASK_BYTES)] ?? 0);
  return plain;
}
