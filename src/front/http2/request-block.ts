import { LINE, TOKEN } from '../../model/byte-classes.ts';
import type { FrontLimits } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import { allValues, firstValue, type HeaderList } from '../../model/header-list.ts';
import { OF_A_CONNECTION } from '../../model/http2/http2-words.ts';
import { parseLength } from '../../model/message-framing.ts';
import { type Admission, type Admitted, admit } from '../admit.ts';
import { parseHost } from '../host-field.ts';
import type { Seen } from '../refusal.ts';

/**
 * The fields of a request's header block, read strictly (RFC 9113 section 8): pseudo-header fields once each, before all
 * others, and only those that a request has; names in lower case; nothing that speaks of a connection. What comes of it
 * is the head that the same request would have over HTTP/1.1, and is judged as that one is (`admit`): `:authority`
 * becomes Host, the crumbs of a cookie one field again (section 8.2.3).
 */

/** What a field takes in HTTP/1.1 beside its text, so that a limit means the same for both. */
const FIELD_BYTES = 4;

type PseudoName = ':method' | ':scheme' | ':authority' | ':path';
const PSEUDO: ReadonlySet<string> = new Set<PseudoName>([':method', ':scheme', ':authority', ':path']);

/** Limits that are looked at while fields come. */
export type BlockFieldLimits = Pick<FrontLimits, 'maxHeaderBytes' | 'maxHeaders' | 'maxUrlBytes'>;

/** What is read of one block: a request's head. */
export class RequestBlock {
  /** The first thing that is wrong with it. */
  fault: Failure | null = null;
  readonly #limits: BlockFieldLimits;
  readonly #pseudo = new Map<string, string>();
  readonly #fields: string[] = [];
  /** Where the cookie's value stands among the fields; -1: there is none. */
  #cookieAt = -1;
  #bytes = 0;

  constructor(limits: BlockFieldLimits) {
    this.#limits = limits;
  }

  /** The next field, as it stood in the block. */
  readonly take = (name: string, value: string): void => {
    if (this.fault !== null) return;
    this.#bytes += name.length + value.length + FIELD_BYTES;
    if (this.#bytes > this.#limits.maxHeaderBytes) this.fault = 'header_too_large';
    else if (name.startsWith(':')) this.#takePseudo(name, value);
    else this.#takeField(name, value);
  };

  /** What there is of it, for a refusal. */
  get seen(): Seen {
    const method = this.#pseudo.get(':method') ?? null;
    const target = this.#pseudo.get(':path') ?? this.#pseudo.get(':authority') ?? null;
    return { method, target, headers: this.#fields };
  }

  /** The judgement of the whole head. `isEnd`: no body follows. */
  judge(isEnd: boolean): Admission {
    const failure = this.#ownFailure();
    if (failure !== null) return { failure };
    const headers = this.#headersWithHost();
    if (headers === null) return { failure: 'malformed_request' };
    const method = this.#pseudo.get(':method') as string;
    const target = this.#pseudo.get(':path') as string;
    const admission = admit({ method, target, major: 1, minor: 1, headers }, this.#limits);
    return 'failure' in admission ? admission : overHttp2(admission, isEnd);
  }

  /** For a request that is only refused: as much of a head as there is. */
  standIn(isEnd: boolean): Admitted {
    const { method, target, headers } = this.seen;
    const known = { method: method ?? '', target: target ?? '' };
    return {
      head: { ...known, minorVersion: 1, isHttp2: true, headers },
      traits: { method: known.method, host: '', path: known.target, query: null, headers },
      bodyLength: isEnd ? 0 : null,
    };
  }

  #takePseudo(name: string, value: string): void {
    const isWrong = !PSEUDO.has(name) || this.#pseudo.has(name) || this.#fields.length > 0;
    if (isWrong || !isFieldValue(value)) this.fault = 'malformed_request';
    else this.#pseudo.set(name, value);
  }

  #takeField(name: string, value: string): void {
    if (!isSoundField(name, value)) this.fault = 'malformed_request';
    else if (name === 'cookie' && this.#cookieAt >= 0) this.#fields[this.#cookieAt] += `; ${value}`;
    else if (this.#fields.length / 2 >= this.#limits.maxHeaders) this.fault = 'header_too_large';
    else {
      this.#fields.push(name, value);
      if (name === 'cookie') this.#cookieAt = this.#fields.length - 1;
    }
  }

  /** What HTTP/1.1 has no word for. */
  #ownFailure(): Failure | null {
    if (this.fault !== null) return this.fault;
    const method = this.#pseudo.get(':method');
    if (method === undefined || !isToken(method)) return 'malformed_request';
    // It has neither scheme nor path (section 8.5); with them it would be the extended one, which was not offered.
    if (method === 'CONNECT') return 'bad_method';
    const scheme = this.#pseudo.get(':scheme')?.toLowerCase();
    const path = this.#pseudo.get(':path') ?? '';
    const isPath = path.startsWith('/') || (path === '*' && method === 'OPTIONS');
    return isPath && (scheme === 'http' || scheme === 'https') ? null : 'malformed_request';
  }

  /** Fields with the one Host; null if `:authority` and Host name two. */
  #headersWithHost(): HeaderList | null {
    const authority = this.#pseudo.get(':authority');
    if (authority === undefined) return this.#fields;
    const hosts = allValues(this.#fields, 'host');
    const usual = this.#pseudo.get(':scheme')?.toLowerCase() === 'https' ? 443 : 80;
    if (hosts.length > 1 || hosts.some((host) => !isSameHost(host, authority, usual))) return null;
    const rest = this.#fields.filter((_, i, all) => all[i - (i % 2)] !== 'host');
    return ['host', authority, ...rest];
  }
}

/** What is read of a block of trailers: it has no pseudo-header fields (section 8.1). */
export class TrailerBlock {
  readonly fields: string[] = [];
  /** The first thing that is wrong with it. */
  fault: Failure | null = null;
  readonly #limits: BlockFieldLimits;
  #bytes = 0;

  constructor(limits: BlockFieldLimits) {
    this.#limits = limits;
  }

  /** The next field. */
  readonly take = (name: string, value: string): void => {
    if (this.fault !== null) return;
    const { maxHeaderBytes, maxHeaders } = this.#limits;
    this.#bytes += name.length + value.length + FIELD_BYTES;
    if (!isSoundField(name, value)) this.fault = 'malformed_request';
    else if (this.#bytes > maxHeaderBytes || this.fields.length / 2 >= maxHeaders)
      this.fault = 'header_too_large';
    else this.fields.push(name, value);
  };
}

function overHttp2({ head, traits }: Admitted, isEnd: boolean): Admission {
  const length = firstValue(head.headers, 'content-length');
  const bodyLength = length === undefined ? null : parseLength(length);
  if (isEnd && bodyLength !== null && bodyLength > 0) return { failure: 'malformed_request' };
  return { head: { ...head, isHttp2: true }, traits, bodyLength: isEnd ? 0 : bodyLength };
}

function isSoundField(name: string, value: string): boolean {
  if (!isToken(name) || name !== name.toLowerCase() || !isFieldValue(value)) return false;
  return !OF_A_CONNECTION.has(name) && (name !== 'te' || value.toLowerCase() === 'trailers');
}

function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (TOKEN[text.charCodeAt(i)] !== 1) return false;
  return text !== '';
}

/** Section 8.2.1: no control characters, and no white space around it. */
function isFieldValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (LINE[value.charCodeAt(i)] !== 1) return false;
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function isSameHost(a: string, b: string, usual: number): boolean {
  if (a === b) return true;
  const [one, other] = [parseHost(a), parseHost(b)];
  if (one === null || other === null) return false;
  return one.host === other.host && (one.port ?? usual) === (other.port ?? usual);
}
