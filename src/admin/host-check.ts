import { isIP } from 'node:net';

/**
 * Whether the listener answers to a Host. A page that a browser shows can point its own name at this address (DNS
 * rebinding) and then read what is here as its own; its name always has a dot and is never an address, `localhost`,
 * or one that the operator named.
 */
export function isOwnHost(host: string, adminHosts: readonly string[]): boolean {
  const name = hostName(host);
  if (isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost')) return true;
  return adminHosts.includes(name) || /^[a-z0-9_-]+$/.test(name);
}

/** Host without port, brackets and trailing dot, in lower case. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  if (bracketed !== null) return bracketed[1] as string;
  return host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
}
