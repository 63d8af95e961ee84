/**
 * Requests are latin1 strings, one character a byte; what routes.yaml and people say is Unicode. The one is brought to
 * the other here, as UTF-8.
 */

/** Bytes of a Unicode string, as a latin1 string. */
export function bytesOf(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The text that a latin1 string of bytes stands for. */
export function textOf(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
