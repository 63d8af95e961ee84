/** An authority as Host carries it: uri-host with an optional port (RFC 9110 section 7.2). */
export interface HostPort {
  /** Lower case, without trailing dot; an IPv6 literal keeps its brackets. */
  readonly host: string;
  /** null: none given. */
  readonly port: number | null;
}

const REG_NAME = /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+$/;
const IP_LITERAL = /^\[(?:[0-9A-Fa-f:.]+|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]$/;

/** Reads an authority; null if it is malformed or empty. Userinfo makes it malformed. */
export function parseHost(authority: string): HostPort | null {
  const colon = portColon(authority);
  const name = colon < 0 ? authority : authority.slice(0, colon);
  const port = colon < 0 ? '' : authority.slice(colon + 1);
  const isPlain = isPlainName(name);
  if (!isPlain && !REG_NAME.test(name) && !IP_LITERAL.test(name)) return null;
  if (port !== '' && (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)) return null;
  if (isPlain) return { host: name, port: port === '' ? null : Number(port) };
  const host = name.toLowerCase().replace(/\.$/, '');
  if (host === '') return null;
  return { host, port: port === '' ? null : Number(port) };
}

/** Lower-case letters, digits, hyphens and inner dots: a host as it is, as nearly all are. */
function isPlainName(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isPlain = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
    if (!isPlain && (code !== 0x2e || i === text.length - 1)) return false;
  }
  return text !== '';
}

function portColon(authority: string): number {
  if (authority.startsWith('[')) {
    const end = authority.indexOf(']:');
    return end < 0 ? -1 : end + 1;
  }
  return authority.indexOf(':');
}
