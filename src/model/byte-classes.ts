/** Which bytes may stand where in a head, as tables: one look-up a byte. */

/** Bytes of a token (RFC 9110 section 5.6.2): methods, field names. */
export const TOKEN = tableOf((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));

/** Bytes of a line: all but control characters, tab excepted (RFC 9110 section 5.5). Bytes from 0x80 on are text. */
export const LINE = tableOf((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));

function tableOf(holds: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
}
