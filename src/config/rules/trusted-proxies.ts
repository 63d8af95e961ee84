import { isIP } from 'node:net';
import type { Rule } from './rule.ts';

/** `trust_proxies` holds addresses and CIDR blocks. */
export const trustedProxies: Rule = ({ file, issues }) => {
  for (const [i, block] of (file.trust_proxies ?? []).entries()) {
    const problem = cidrProblem(block);
    if (problem !== null) issues.error(['trust_proxies', i], problem);
  }
};

function cidrProblem(block: string): string | null {
  const parts = /^([^/]*)(?:\/(.*))?$/.exec(block);
  const family = isIP(parts?.[1] ?? '');
  if (family === 0) return `"${block}" is not an address or a CIDR block, such as 10.0.0.0/8`;
  const bits = parts?.[2];
  const max = family === 4 ? 32 : 128;
  if (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= max)) return null;
  return `"${block}": after the "/" come 0 to ${max} bits`;
}
