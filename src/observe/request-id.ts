import { randomFillSync } from 'node:crypto';

const LONGEST = 128;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** Random bytes drawn at a time, as Node's randomUUID does: the system call is the dear part. */
const RANDOM_BYTES = 4096;
/** Ids made at a time. Few: an id that is kept for hours, by a WebSocket, keeps the text of all of them. */
const IDS_A_TEXT = 16;
const UUID_BYTES = 16;
const UUID_LENGTH = 36;
const HEX_DIGITS = Buffer.from('0123456789abcdef');
const HYPHEN = 0x2d;

/**
 * A source of random UUIDs (RFC 9562, version 4), each a part of one flat text. randomUUID gives a string of twenty
 * pieces, which V8 joins again wherever it is looked through or written: 1 µs a request, as measured.
 */
function uuidSource(): () => string {
  const random = Buffer.alloc(RANDOM_BYTES);
  const characters = Buffer.alloc(IDS_A_TEXT * UUID_LENGTH);
  let used = RANDOM_BYTES;
  let text = '';
  let at = 0;
  return () => {
    if (at === text.length) {
      if (used === RANDOM_BYTES) {
        randomFillSync(random);
        used = 0;
      }
      for (let to = 0; to < characters.length; to += UUID_LENGTH, used += UUID_BYTES) {
        writeUuid(random.subarray(used, used + UUID_BYTES), characters, to);
      }
      text = characters.toString('latin1');
      at = 0;
    }
    at += UUID_LENGTH;
    return text.slice(at - UUID_LENGTH, at);
  };
}

/** Writes the UUID of 16 random bytes; six bits say its version and its layout. */
function writeUuid(bytes: Buffer, to: Buffer, at: number): void {
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  let next = at;
  for (let i = 0; i < UUID_BYTES; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) to[next++] = HYPHEN;
    const byte = bytes[i] as number;
    to[next++] = HEX_DIGITS[byte >> 4] as number;
    to[next++] = HEX_DIGITS[byte & 15] as number;
  }
}

/** A new request id: a random UUID. */
export const newRequestId: () => string = uuidSource();

/** Whether an id that a trusted peer sent may go on into logs and headers: 1 to 128 visible ASCII characters. */
export function isUsableRequestId(id: string): boolean {
  return id.length <= LONGEST && VISIBLE_ASCII.test(id);
}

/** The id that a request goes by: the received one if its sender is trusted and it is usable, else a new one. */
export function requestIdFor(
  received: string | undefined,
  isTrusted: boolean,
  newId: () => string = newRequestId,
): string {
  return isTrusted && received !== undefined && isUsableRequestId(received) ? received : newId();
}
