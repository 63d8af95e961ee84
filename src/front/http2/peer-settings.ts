import { MOST_31_BITS, SETTING, SessionError } from '../../model/http2/http2-words.ts';

/** What a client's SETTINGS say that matters to whom sends it answers. */
export interface PeerSettings {
  /** First window of every stream; null: nothing is said of it. */
  readonly initialWindow: number | null;
}

const SETTING_BYTES = 6;

/** Reads the payload of SETTINGS (RFC 9113 section 6.5). @throws SessionError */
export function readSettings(payload: Buffer): PeerSettings {
  if (payload.length % SETTING_BYTES !== 0)
    throw new SessionError('FRAME_SIZE_ERROR', 'SETTINGS of an odd size');
  let initialWindow: number | null = null;
  for (let at = 0; at < payload.length; at += SETTING_BYTES) {
    const id = payload.readUInt16BE(at);
    const value = payload.readUInt32BE(at + 2);
    check(id, value);
    if (id === SETTING.initialWindowSize) initialWindow = value;
  }
  return { initialWindow };
}

function check(id: number, value: number): void {
  if (id === SETTING.initialWindowSize && value > MOST_31_BITS)
    throw new SessionError('FLOW_CONTROL_ERROR', 'a window that is too large');
  const isWrong =
    (id === SETTING.enablePush && value > 1) ||
    (id === SETTING.maxFrameSize && (value < 16_384 || value > 16_777_215));
  if (isWrong) throw new SessionError('PROTOCOL_ERROR', 'a setting out of range');
}
