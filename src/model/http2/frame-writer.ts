import { FIRST_FRAME_BYTES, FLAG, FRAME } from './http2-words.ts';

/** The bytes of frames (RFC 9113 section 4.1). All payloads are copied, so that the caller may use his again. Pure. */

const HEAD_BYTES = 9;

/** What a frame begins with, and room for its payload. */
function frame(type: number, flags: number, { stream, bytes }: { stream: number; bytes: number }): Buffer {
  const made = Buffer.allocUnsafe(HEAD_BYTES + bytes);
  made.writeUIntBE(bytes, 0, 3);
  made[3] = type;
  made[4] = flags;
  made.writeUInt32BE(stream, 5);
  return made;
}

/** A piece of a body, at most {@link FIRST_FRAME_BYTES} of it. */
export function dataFrame(stream: number, piece: Buffer, isEnd: boolean): Buffer {
  const made = frame(FRAME.data, isEnd ? FLAG.endStream : 0, { stream, bytes: piece.length });
  piece.copy(made, HEAD_BYTES);
  return made;
}

/** A header block, a latin1 string, in as many frames as it takes (section 6.10). */
export function headerFrames(stream: number, block: string, isEnd: boolean): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += FIRST_FRAME_BYTES) {
    const part = block.slice(at, at + FIRST_FRAME_BYTES);
    const isLast = at + FIRST_FRAME_BYTES >= block.length;
    const flags = (isLast ? FLAG.endHeaders : 0) | (isEnd && at === 0 ? FLAG.endStream : 0);
    const made = frame(at === 0 ? FRAME.headers : FRAME.continuation, flags, { stream, bytes: part.length });
    made.write(part, HEAD_BYTES, 'latin1');
    frames.push(made);
  }
  return frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
}

/** Ends a stream with an error code. */
export function resetFrame(stream: number, code: number): Buffer {
  const made = frame(FRAME.rstStream, 0, { stream, bytes: 4 });
  made.writeUInt32BE(code, HEAD_BYTES);
  return made;
}

/** Settings by number. */
export function settingsFrame(settings: readonly (readonly [setting: number, value: number])[]): Buffer {
  const made = frame(FRAME.settings, 0, { stream: 0, bytes: settings.length * 6 });
  settings.forEach(([setting, value], i) => {
    made.writeUInt16BE(setting, HEAD_BYTES + i * 6);
    made.writeUInt32BE(value, HEAD_BYTES + i * 6 + 2);
  });
  return made;
}

/** Takes the peer's settings. */
export function settingsAckFrame(): Buffer {
  return frame(FRAME.settings, FLAG.ack, { stream: 0, bytes: 0 });
}

/** Asks for, or gives, a sign of life. @param payload Eight bytes. */
export function pingFrame(payload: Buffer, isAck: boolean): Buffer {
  const made = frame(FRAME.ping, isAck ? FLAG.ack : 0, { stream: 0, bytes: 8 });
  payload.copy(made, HEAD_BYTES, 0, 8);
  return made;
}

/** So many more bytes may come on a stream; 0: on the connection. */
export function windowUpdateFrame(stream: number, bytes: number): Buffer {
  const made = frame(FRAME.windowUpdate, 0, { stream, bytes: 4 });
  made.writeUInt32BE(bytes, HEAD_BYTES);
  return made;
}

/** The connection ends. `lastStream`: of the peer's streams the last that is, or was, served; 0: it has begun none. */
export function goawayFrame(code: number, lastStream = 0): Buffer {
  const made = frame(FRAME.goaway, 0, { stream: 0, bytes: 8 });
  made.writeUInt32BE(lastStream, HEAD_BYTES);
  made.writeUInt32BE(code, HEAD_BYTES + 4);
  return made;
}
