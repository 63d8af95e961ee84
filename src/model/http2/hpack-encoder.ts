import type { HeaderList } from '../header-list.ts';
import { STATIC_NAMES, STATIC_PAIRS } from './static-table.ts';

/**
 * Writes header blocks (RFC 7541) that nobody has to remember anything for: what the static table has goes by its
 * index, everything else as it is. A table of our own would have to be kept in step with each peer, and costs more to
 * look fields up in than it saves on the wire.
 */

/** Says that this end remembers nothing (section 6.3). Must begin the first block, and one after the peer's setting changed. */
export const REMEMBERS_NOTHING = '\x20';

/** Never to be remembered by anybody on the way (section 7.1.3): a guess at them could be tested against a table. */
const SECRET: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'set-cookie']);

/** A block's bytes as a latin1 string. Names in lower case. Pure. */
export function encodeFields(fields: HeaderList): string {
  let block = '';
  for (let i = 0; i < fields.length; i += 2)
    block += encodeField(fields[i] as string, fields[i + 1] as string);
  return block;
}

function encodeField(name: string, value: string): string {
  const pair = STATIC_PAIRS.get(`${name}: ${value}`);
  if (pair !== undefined) return encodeInteger(0x80, 7, pair);
  const kind = SECRET.has(name) ? 0x10 : 0;
  const index = STATIC_NAMES.get(name);
  const start =
    index === undefined ? String.fromCharCode(kind) + encodeText(name) : encodeInteger(kind, 4, index);
  return start + encodeText(value);
}

function encodeText(text: string): string {
  return encodeInteger(0, 7, text.length) + text;
}

/** An integer behind the bits of `first` (section 5.1). */
function encodeInteger(first: number, prefixBits: number, value: number): string {
  const full = (1 << prefixBits) - 1;
  if (value < full) return String.fromCharCode(first | value);
  let bytes = String.fromCharCode(first | full);
  let rest = value - full;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes += String.fromCharCode((rest & 0x7f) | 0x80);
  return bytes + String.fromCharCode(rest);
}
