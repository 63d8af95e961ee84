import type { ForwardDecision } from '../model/decision.ts';
import type { AnswerHead } from '../model/exchange.ts';
import type { FallbackWord } from '../model/fallback.ts';
import { firstValue, type HeaderList } from '../model/header-list.ts';
import { formatAddress } from '../model/listen-address.ts';
import type { Matched } from '../model/matched.ts';
import type { BackendUrl } from '../model/route-table.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import { applyEdits, isNoEdit } from './header-edits.ts';
import { hopByHopFilter } from './hop-by-hop.ts';
import { isPubliclyCacheable } from './publicly-cacheable.ts';
import { strippedPrefix } from './rewrite.ts';

/**
 * The head that the client gets (docs/pass-through.md): the backend's fields in their order and case, less what belongs
 * to its connection; a Location at the backend's own address becomes the public one; cookie paths are mended where a
 * prefix was stripped. Nothing else changes unless the route says so.
 */

/** What the head is made from, beside the answer. */
export interface ResponseHeadInput {
  readonly decision: ForwardDecision;
  readonly matched: Matched;
  /** Scheme and authority as the client knows them; null when it did not say. */
  readonly publicOrigin: string | null;
  readonly debug: boolean;
  /** What for legacy answers in the feature's place; null: it does not. */
  readonly fallback: FallbackWord | null;
  /** A Set-Cookie of the router's own, for answers that no shared cache may keep; null for none. */
  readonly setCookie: string | null;
}

/** The head of a final answer as the client gets it. Pure. */
export function buildResponseHead(answer: ParsedHead, input: ResponseHeadInput): AnswerHead {
  const headers = passedFields(answer, input);
  applyEdits(headers, input.decision.route.policy.responseHeaders);
  if (input.setCookie !== null && !isPubliclyCacheable(headers)) headers.push('Set-Cookie', input.setCookie);
  if (input.debug) headers.push(...debugFields(input.decision, input.fallback));
  return { status: answer.status, reason: answer.reason, headers, bodyLength: answer.bodyLength };
}

/**
 * The same where the fields pass as they came, less what the connection says of itself; null if anything else is to be
 * done to them. A property test compares both ways.
 */
export function untouchedHead(
  answer: ParsedHead,
  input: Omit<ResponseHeadInput, 'publicOrigin' | 'fallback'>,
): AnswerHead | null {
  const { lines, lengths, setsCookies } = answer.fields;
  if (lines === null || lengths !== 1 || answer.bodyLength === null || answer.status === 204) return null;
  if (input.setCookie !== null || input.debug) return null;
  if (setsCookies && strippedPrefix(input.decision, input.matched) !== '') return null;
  return isNoEdit(input.decision.route.policy.responseHeaders) ? new UntouchedHead(answer, lines) : null;
}

/** An answer whose lines pass as they are: nobody takes them apart unless asked for them one by one. */
class UntouchedHead implements AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly bodyLength: number | null;
  readonly lines: string;
  private readonly answer: ParsedHead;

  constructor(answer: ParsedHead, lines: string) {
    this.status = answer.status;
    this.reason = answer.reason;
    this.bodyLength = answer.bodyLength;
    this.lines = lines;
    this.answer = answer;
  }

  get headers(): HeaderList {
    const isHopByHop = hopByHopFilter(this.answer.headers);
    return this.answer.headers.filter((_, i, all) => !isHopByHop((all[i - (i % 2)] as string).toLowerCase()));
  }
}

/** Fields of an informational answer, less the hop-by-hop ones. It has no length either (RFC 9110 section 8.6). */
export function informationalFields(headers: HeaderList): HeaderList {
  const isHopByHop = hopByHopFilter(headers);
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const lower = name.toLowerCase();
    if (!isHopByHop(lower) && lower !== 'content-length') kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** The head of a 101, where Connection and Upgrade are the message. */
export function buildUpgradeHead(answer: ParsedHead, input: ResponseHeadInput): AnswerHead {
  const head = buildResponseHead(answer, input);
  const protocol = firstValue(answer.headers, 'upgrade') ?? '';
  return { ...head, headers: ['Connection', 'Upgrade', 'Upgrade', protocol, ...head.headers], bodyLength: 0 };
}

function passedFields(answer: ParsedHead, input: ResponseHeadInput): string[] {
  const isHopByHop = hopByHopFilter(answer.headers);
  const prefix = strippedPrefix(input.decision, input.matched);
  const headers: string[] = [];
  for (let i = 0; i < answer.headers.length; i += 2) {
    const name = answer.headers[i] as string;
    const value = answer.headers[i + 1] as string;
    const lower = name.toLowerCase();
    // RFC 9110 section 15.5.22: a 426 without Upgrade says nothing. The Connection that names it is the front's.
    if (isHopByHop(lower) && !(lower === 'upgrade' && answer.status === 426)) continue;
    // RFC 9110 section 8.6: no Content-Length in a 204 or 101; some backends send `0`.
    if (lower === 'content-length' && (answer.status === 204 || answer.status === 101)) continue;
    if (lower === 'location') headers.push(name, publicLocation(value, input, prefix));
    else if (lower === 'set-cookie' && prefix !== '') headers.push(name, mendCookiePath(value, prefix));
    else headers.push(name, value);
  }
  return headers;
}

/** An absolute Location at one of the backend's own urls, as the client must see it; any other stays. */
function publicLocation(location: string, input: ResponseHeadInput, prefix: string): string {
  const parts = /^(https?):\/\/([^/?#]*)(.*)$/i.exec(location);
  if (parts === null || input.publicOrigin === null) return location;
  const [, scheme = '', authority = '', rest = ''] = parts;
  const url = input.decision.backend.urls.find((own) =>
    isAuthorityOf(own, scheme.toLowerCase(), authority.toLowerCase()),
  );
  if (url === undefined) return location;
  const path = withoutBasePath(rest, url.basePath);
  return input.publicOrigin + (startsWithPath(path, prefix) ? path : prefix + path);
}

function isAuthorityOf(url: BackendUrl, scheme: string, authority: string): boolean {
  if (url.secure !== (scheme === 'https')) return false;
  const own = formatAddress(url.host, url.port);
  const isDefaultPort = url.port === (url.secure ? 443 : 80);
  return authority === own || (isDefaultPort && own === `${authority}:${url.port}`);
}

function withoutBasePath(path: string, basePath: string): string {
  return basePath !== '' && startsWithPath(path, basePath) ? path.slice(basePath.length) : path;
}

/** Whole segments: `/a` begins `/a`, `/a/b` and `/a?x`, not `/ab`. */
function startsWithPath(path: string, prefix: string): boolean {
  if (prefix === '') return true;
  if (!path.startsWith(prefix)) return false;
  const next = path[prefix.length];
  return next === undefined || next === '/' || next === '?' || next === '#';
}

/** A cookie for a path of the feature gets the stripped prefix back, once. `Path=/` is meant for all of the site. */
function mendCookiePath(cookie: string, prefix: string): string {
  return cookie.replace(/(;[ \t]*path[ \t]*=[ \t]*)([^;]*)/i, (whole, attribute: string, path: string) =>
    path === '/' || !path.startsWith('/') || startsWithPath(path, prefix) ? whole : attribute + prefix + path,
  );
}

/** Who answers, and why: for `debug_headers`. `fallback`: what for, if it answers in the feature's place. Pure. */
export function debugFields(
  { route, side, reason }: ForwardDecision,
  fallback: FallbackWord | null,
): string[] {
  const fields = ['x-banyan-route', route.name, 'x-banyan-side', side, 'x-banyan-reason', reason];
  return fallback === null ? fields : [...fields, 'x-banyan-fallback', fallback];
}
