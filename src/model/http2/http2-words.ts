/** Words of HTTP/2 (RFC 9113): its numbers by name (sections 6 and 7), and what its messages have no field for. */

/** Types of frames. */
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

/** Flags of frames. `ack` is of SETTINGS and PING, the same bit as `endStream`. */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Settings that are read or sent. */
export const SETTING = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** Error codes, in the order of their numbers. */
const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const;

/** An error code by name. */
export type ErrorName = (typeof ERROR_NAMES)[number];

/** The number of an error code. */
export function errorCode(name: ErrorName): number {
  return ERROR_NAMES.indexOf(name);
}

/** The name of an error code, for the log. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `error ${code}`;
}

/** The bytes of a window before anything is said about it. */
export const FIRST_WINDOW = 65_535;
/** The bytes of the largest frame before it is allowed to be larger. */
export const FIRST_FRAME_BYTES = 16_384;
/** No window may be larger (section 6.9.1), and no stream has a higher number. */
export const MOST_31_BITS = 0x7fff_ffff;

/** What a client says first (section 3.4). */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** The other end broke HTTP/2 in a way that ends the connection (section 5.4.1). The message says how, for the log. */
export class SessionError extends Error {
  readonly code: number;

  constructor(name: ErrorName, message: string) {
    super(message);
    this.code = errorCode(name);
  }
}

/** Fields that speak of a connection: a message of HTTP/2 has none of them (section 8.2.2), a 426 no Upgrade either. */
export const OF_A_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);
