import { Buffer } from 'node:buffer';

/**
 * HTTP/2 written and read frame by frame, for what no proper client sends (RFC 9113). Header blocks are written as
 * literals without indexing, so that any bytes can stand in them; blocks that come are not decoded, but for a status
 * of the static table.
 */

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** RFC 9113 section 6. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { none: 0, endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

/** RFC 9113 section 7. */
export const CODE = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
} as const;

/** A frame as it came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A frame's bytes. `length` may lie. */
export function frame(
  type: number,
  {
    flags = 0,
    stream = 0,
    payload = Buffer.alloc(0),
    length = payload.length,
  }: Partial<Frame> & { readonly length?: number } = {},
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A flat list as literals without indexing, names as new ones (RFC 7541 section 6.2.2); latin1. */
export function headerBlock(fields: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2)
    parts.push(Buffer.from([0]), literal(fields[i] as string), literal(fields[i + 1] as string));
  return Buffer.concat(parts);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([prefixed(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541 section 5.1). */
function prefixed(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  for (let rest = value - 127; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

/** Settings by their number: `[[4, 0]]` is a window of nothing. */
export function settings(pairs: readonly (readonly [number, number])[] = []): Buffer {
  const payload = Buffer.alloc(pairs.length * 6);
  for (const [i, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, i * 6);
    payload.writeUInt32BE(value, i * 6 + 2);
  }
  return frame(FRAME.settings, { payload });
}

export const SETTINGS_ACK = frame(FRAME.settings, { flags: FLAG.ack });

/** A whole head in one frame. */
export function headers(
  stream: number,
  fields: readonly string[],
  flags: number = FLAG.endStream | FLAG.endHeaders,
): Buffer {
  return frame(FRAME.headers, { flags, stream, payload: headerBlock(fields) });
}

/** The pseudo-headers of a GET, and more fields. */
export function getFields(path = '/', more: readonly string[] = []): string[] {
  return [':method', 'GET', ':scheme', 'http', ':authority', 'a.test', ':path', path, ...more];
}

export function postFields(path = '/', more: readonly string[] = []): string[] {
  return [':method', 'POST', ':scheme', 'http', ':authority', 'a.test', ':path', path, ...more];
}

export function data(stream: number, text: string | Buffer, flags: number = FLAG.none): Buffer {
  return frame(FRAME.data, { flags, stream, payload: Buffer.from(text as string, 'latin1') });
}

/** RST_STREAM and WINDOW_UPDATE hold one number. */
export function numbered(type: number, stream: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value);
  return frame(type, { stream, payload });
}

export function reset(stream: number, code: number = CODE.cancel): Buffer {
  return numbered(FRAME.rstStream, stream, code);
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return numbered(FRAME.windowUpdate, stream, increment);
}

export function ping(isAck = false): Buffer {
  return frame(FRAME.ping, { flags: isAck ? FLAG.ack : 0, payload: Buffer.alloc(8, 'p') });
}

/** The error code of RST_STREAM or GOAWAY. */
export function codeOf({ type, payload }: Frame): number {
  return payload.readUInt32BE(type === FRAME.goaway ? 4 : 0);
}

/** The last stream that a GOAWAY speaks of. */
export function lastStreamOf({ payload }: Frame): number {
  return payload.readUInt32BE(0);
}

/**
 * The status of a HEADERS frame if the static table has it (RFC 7541 appendix A), else null. A change of the table's size
 * may stand before it.
 */
export function statusOf({ payload }: Frame): number | null {
  const first = payload[0] === 0x20 ? payload[1] : payload[0];
  return [200, 204, 206, 304, 400, 404, 500][((first ?? 0) & 0x7f) - 8] ?? null;
}

/** Takes frames off bytes that come in any pieces. */
export class FrameReader {
  #bytes: Buffer = Buffer.alloc(0);

  take(bytes: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const all = this.#bytes;
      const length = all.length < 9 ? Number.POSITIVE_INFINITY : all.readUIntBE(0, 3);
      if (all.length < 9 + length) return frames;
      frames.push({
        type: all[3] as number,
        flags: all[4] as number,
        stream: all.readUInt32BE(5),
        payload: all.subarray(9, 9 + length),
      });
      this.#bytes = all.subarray(9 + length);
    }
  }
}
