import { isIPv6 } from 'node:net';
import { normalPathOf } from '../model/path-normal.ts';
import type { BackendUrl } from '../model/route-table.ts';
import { pathProblem } from './path-form.ts';

const URL_FORM =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^:/?#[\]]*)(?::([^/?#]*))?([^?#]*)([?#].*)?$/is;
const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/;

/** A backend's url, or why it is none. */
export type UrlReading = { readonly url: BackendUrl } | { readonly problem: string };

/**
 * Reads a backend's url. By hand, not with `URL`, which repairs: `http:/x`, `http://127.1` or a stray space would pass
 * as something that nobody wrote.
 */
export function readBackendUrl(text: string): UrlReading {
  const parts = URL_FORM.exec(text);
  if (parts === null) return { problem: notAUrl(text) };
  const [, scheme = '', credentials, host = '', port, path = '', rest] = parts;
  const secure = scheme.toLowerCase() === 'https';
  if (!secure && scheme.toLowerCase() !== 'http')
    return { problem: `"${scheme}" is not a scheme that Banyan speaks: http or https` };
  if (credentials !== undefined)
    return { problem: 'a url takes no credentials: set an Authorization header in "request_headers"' };
  if (rest !== undefined)
    return { problem: `a url ends before its "${rest[0]}": a backend has a base path only` };
  const hostProblem = problemOfHost(host);
  if (hostProblem !== null) return { problem: hostProblem };
  const portNumber = port === undefined ? (secure ? 443 : 80) : Number(port);
  if (port !== undefined && !isPort(port)) return { problem: `"${port}" is not a port: 1 to 65535` };
  const basePath = path === '/' ? '' : path.replace(/\/$/, '');
  const problem = basePath === '' ? null : basePathProblem(basePath);
  if (problem !== null) return { problem };
  return { url: { secure, host: bareHost(host), port: portNumber, basePath } };
}

/** What is sent is the base path and then a path in normal form: both together are one. */
function basePathProblem(basePath: string): string | null {
  const normal = normalPathOf(basePath, true);
  if (normal !== basePath) return `its path "${basePath}" is not in normal form: write "${normal}"`;
  return pathProblem(basePath, { mergeSlashes: true });
}

function notAUrl(text: string): string {
  if (text === '') return 'a url is not empty: write one, such as http://orders:3000';
  const isHost = /^(?!https?\b)(?:\/\/)?[A-Za-z0-9_.-]+(?::\d+)?(?:\/.*)?$/.test(text);
  return isHost
    ? `"${text}" has no scheme: write http://${text.replace(/^\/+/, '')}`
    : `"${text}" is not a url, such as http://orders:3000`;
}

function problemOfHost(host: string): string | null {
  if (host === '') return 'the url names no host';
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) ? null : `${host} is not an IPv6 address`;
  if (/[^\x00-\x7F]/.test(host)) return `"${host}" is not ASCII: write its punycode form (xn--…)`;
  if (!HOST_NAME.test(host)) return `"${host}" is not a host name`;
  return null;
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function bareHost(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase();
}
