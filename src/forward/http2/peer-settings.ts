import type { Frame } from '../../model/http2/frame-reader.ts';
import {
  FIRST_FRAME_BYTES,
  FIRST_WINDOW,
  FLAG,
  MOST_31_BITS,
  SETTING,
  SessionError,
} from '../../model/http2/http2-words.ts';

const SETTING_BYTES = 6;

/** What the backend allows (RFC 9113 section 6.5). */
export class PeerSettings {
  /** Streams at a time. */
  maxStreams = Number.POSITIVE_INFINITY;
  /** Bytes of a new stream's window. */
  initialWindow = FIRST_WINDOW;

  /** Takes a SETTINGS frame that is no acknowledgement. @throws SessionError */
  take({ stream, payload }: Frame): { readonly windowGrew: number; readonly tableChanged: boolean } {
    if (stream !== 0) throw new SessionError('PROTOCOL_ERROR', 'SETTINGS of a stream');
    if (payload.length % SETTING_BYTES !== 0)
      throw new SessionError('FRAME_SIZE_ERROR', 'SETTINGS that are cut off');
    const before = this.initialWindow;
    let tableChanged = false;
    for (let at = 0; at < payload.length; at += SETTING_BYTES) {
      const setting = payload.readUInt16BE(at);
      this.set(setting, payload.readUInt32BE(at + 2));
      tableChanged ||= setting === SETTING.headerTableSize;
    }
    return { windowGrew: this.initialWindow - before, tableChanged };
  }

  private set(setting: number, value: number): void {
    switch (setting) {
      case SETTING.maxConcurrentStreams:
        this.maxStreams = value;
        break;
      case SETTING.initialWindowSize:
        if (value > MOST_31_BITS) throw new SessionError('FLOW_CONTROL_ERROR', 'a window that is too large');
        this.initialWindow = value;
        break;
      case SETTING.enablePush:
        if (value !== 0) throw new SessionError('PROTOCOL_ERROR', 'it wants to push');
        break;
      case SETTING.maxFrameSize:
        // Ours are never larger than what is always allowed.
        if (value < FIRST_FRAME_BYTES || value > 0xff_ffff)
          throw new SessionError('PROTOCOL_ERROR', 'a frame size that is none');
        break;
      default:
    }
  }
}

/** An acknowledgement says nothing more. @throws SessionError */
export function isSettingsAck({ flags, stream, payload }: Frame): boolean {
  if ((flags & FLAG.ack) === 0) return false;
  if (payload.length > 0 || stream !== 0)
    throw new SessionError('FRAME_SIZE_ERROR', 'an acknowledgement that says more');
  return true;
}
