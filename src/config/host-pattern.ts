import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

/** Why a text can't be one of a match's hosts; null if it can. */
export function hostPatternProblem(host: string): string | null {
  if (host === '') return 'a host is not empty';
  if (host === '*') return '"*" is every host: leave "hosts" out';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(host)) return `"${host}" is a url: a host is the name alone`;
  if (host.includes('/')) return `"${host}": a host has no path`;
  if (isIPv6(host.replace(/^\[|\]$/g, ''))) return null;
  if (host.startsWith('[')) return `"${host}" is not an IPv6 address`;
  if (host.includes(':')) return `"${host}": a host has no port here, it takes requests on any`;
  if (/[^\x00-\x7F]/.test(host)) return asciiHint(host);
  return nameProblem(host);
}

function asciiHint(host: string): string {
  const ascii = domainToASCII(host.replace(/^\*\./, ''));
  const written = `${host.startsWith('*.') ? '*.' : ''}${ascii}`;
  return ascii === '' ? `"${host}" is not a host name` : `"${host}" comes as punycode: write "${written}"`;
}

function nameProblem(host: string): string | null {
  const name = host.replace(/^\*\./, '').replace(/\.$/, '');
  if (name.includes('*')) return `"${host}": a "*" stands for the first labels only, as in "*.example.com"`;
  if (isIPv4(host)) return null;
  const isName = name.length <= 253 && name.split('.').every((label) => LABEL.test(label));
  return isName ? null : `"${host}" is not a host name`;
}
