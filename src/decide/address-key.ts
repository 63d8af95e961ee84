import { isIPv4, isIPv6 } from 'node:net';

/**
 * What of an address tells clients apart. An IPv6 client changes the last 64 bits of its address every few hours by
 * itself (RFC 8981), and has all 2⁶⁴ of them (RFC 4291 section 2.5.1): only the network before them is its own.
 */

/** An IPv4 address as it is; of an IPv6 address the first 64 bits, 16 hex digits. One text for one client. */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return address;
  const groups = groupsOf(bare);
  // An IPv4 client, as a listener of both families names it (RFC 4291 section 2.5.5.2).
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return dotted(groups[6], groups[7]);
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16).padStart(4, '0'))
    .join('');
}

/** The eight numbers of an address that {@link isIPv6} took. */
function groupsOf(address: string): number[] {
  const [left = '', right] = withoutDots(address).split('::');
  const [first, last] = [numbersOf(left), right === undefined ? [] : numbersOf(right)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last];
}

function numbersOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** An IPv4 address at the end, as two groups. */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
