import { isIP } from 'node:net';

/** Where a listener listens. */
export interface ListenAddress {
  /** An IP literal without brackets, or a name such as localhost. `0.0.0.0` for `:8080`; `::` takes IPv4 along. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

/** What is wrong with a listen address, to be read after its text: `"x:99999" is not a port (0–65535)`. */
export interface NotListenable {
  readonly problem: string;
}

/** Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `:8080`. */
export function parseListenAddress(text: string): ListenAddress | NotListenable {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(text);
  if (parts === null) return { problem: 'is not an address to listen on (HOST:PORT, [IPv6]:PORT or :PORT)' };
  const [, bracketed, plain, digits] = parts;
  const port = /^\d{1,5}$/.test(digits as string) ? Number(digits) : Number.NaN;
  if (!(port <= 65535)) return { problem: 'is not a port (0–65535)' };
  if (bracketed !== undefined && isIP(bracketed) !== 6)
    return { problem: 'has no IPv6 address in its brackets' };
  const host = bracketed ?? (plain as string);
  if (bracketed === undefined && !isListenHost(host)) return { problem: 'has no valid host' };
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** `HOST:PORT`, IPv6 in brackets: how an address is shown. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `name`, or `name:port` when the port is not the scheme's; IPv6 in brackets: what Host says of a url. */
export function authorityOf(url: {
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
}): string {
  const authority = formatAddress(url.hostname, url.port);
  return url.port === (url.secure ? 443 : 80) ? authority.slice(0, authority.lastIndexOf(':')) : authority;
}

/** All digits and dots must be an IPv4 address: `0.0.0:8080` is a slip of the finger, not a name. */
function isListenHost(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return isIP(host) === 4;
  return /^[A-Za-z0-9._-]*$/.test(host);
}
