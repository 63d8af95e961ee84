import type { FrontLimits } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import { allValues, type HeaderList, tokensOf } from '../model/header-list.ts';
import { parseLength } from '../model/message-framing.ts';
import type { FieldLines, RequestHead, RequestTraits } from '../model/request.ts';
import { type HostPort, parseHost } from './host-field.ts';
import { splitTarget, type TargetParts } from './request-target.ts';

/**
 * Which requests may become an exchange. Every front asks here, whatever its parser let through, so that all read a
 * request in one strict way: a request that router and backend could read differently is refused (RFC 9112 section 11).
 * Paths are not judged here but for bytes that no target may hold: `match` does that.
 */

/** A head as a front's parser gives it; the version is still whatever was on the request line. */
export interface RawHead {
  readonly method: string;
  readonly target: string;
  readonly major: number;
  readonly minor: number;
  readonly headers: HeaderList;
  /** Of a whole head, if the parser has them. */
  readonly lines?: FieldLines | undefined;
  /** What was found out about the same fields before, or will be. */
  readonly memo?: FieldMemo | undefined;
}

/** Holds what is known of a list of fields, for heads that have the same list. */
export interface FieldMemo {
  facts: FieldFacts | null;
}

/** What a head's fields alone say. */
interface FieldFacts {
  readonly minorVersion: 0 | 1;
  readonly hosts: number;
  /** Of one Host; null if there are more or fewer, or it is malformed. */
  readonly named: HostPort | null;
  readonly bodyLength: number | null | 'malformed';
  readonly isLoop: boolean;
}

/** An admitted request: its head, what routing reads of it, and how its body is framed. */
export interface Admitted {
  readonly head: RequestHead;
  readonly traits: RequestTraits;
  /** Bytes by Content-Length, 0: no body, null: chunked. */
  readonly bodyLength: number | null;
}

/** Why a request may not become an exchange. */
export interface NotAdmitted {
  readonly failure: Failure;
}

/** The judgement of one head. */
export type Admission = Admitted | NotAdmitted;

type AdmissionLimits = Pick<FrontLimits, 'maxHeaders' | 'maxUrlBytes'>;

/** A router that sees its own name this often in Via is in a loop (docs/failures.md). */
const LOOP_COUNT = 3;

/** Judges a request's head. Pure. */
export function admit(raw: RawHead, limits: AdmissionLimits): Admission {
  // HTTP/1.2 to 1.9 are read as 1.1 (RFC 9110 section 2.5); any other major version is another protocol.
  if (raw.major !== 1) return { failure: 'bad_version' };
  const minorVersion = raw.minor === 0 ? 0 : 1;
  if (raw.method === 'CONNECT') return { failure: 'bad_method' };
  if (raw.target.length > limits.maxUrlBytes) return { failure: 'url_too_long' };
  if (raw.headers.length / 2 > limits.maxHeaders) return { failure: 'header_too_large' };

  const target = splitTarget(raw.method, raw.target);
  if (target === null) return { failure: 'malformed_request' };
  const facts = factsOf(raw, minorVersion);
  const host = hostOf(facts, target);
  const { bodyLength } = facts;
  if (host === null || bodyLength === 'malformed') return { failure: 'malformed_request' };
  if (facts.isLoop) return { failure: 'loop' };

  const { method, headers, lines } = raw;
  return {
    head: { method, target: raw.target, minorVersion, headers, lines },
    traits: { method, host, path: target.path, query: target.query, headers },
    bodyLength,
  };
}

function factsOf({ headers, memo }: RawHead, minorVersion: 0 | 1): FieldFacts {
  const known = memo?.facts;
  if (known && known.minorVersion === minorVersion) return known;
  const hosts = allValues(headers, 'host');
  const facts: FieldFacts = {
    minorVersion,
    hosts: hosts.length,
    named: hosts.length === 1 ? parseHost(hosts[0] as string) : null,
    bodyLength: readBodyLength(headers, minorVersion),
    isLoop: viaCount(headers) >= LOOP_COUNT,
  };
  if (memo) memo.facts = facts;
  return facts;
}

/**
 * The one host of a request, '' if an HTTP/1.0 request names none; null if it is missing, repeated, malformed, or not
 * the one that an absolute target names (RFC 9112 section 3.2: where they differ, two readers pick two hosts).
 */
function hostOf({ hosts, named, minorVersion }: FieldFacts, target: TargetParts): string | null {
  if (hosts > 1 || (hosts === 0 && minorVersion === 1)) return null;
  if (hosts === 1 && named === null) return null;
  if (target.authority === null) return named?.host ?? '';
  const asked = parseHost(target.authority);
  if (asked === null) return null;
  return named === null || isSameHost(asked, named, target.scheme) ? asked.host : null;
}

function isSameHost(a: HostPort, b: HostPort, scheme: TargetParts['scheme']): boolean {
  const usual = scheme === 'https' ? 443 : 80;
  return a.host === b.host && (a.port ?? usual) === (b.port ?? usual);
}

/** RFC 9112 section 6: one Transfer-Encoding that says chunked, or one decimal Content-Length, or neither; never both. */
function readBodyLength(headers: HeaderList, minorVersion: 0 | 1): number | null | 'malformed' {
  const codings = allValues(headers, 'transfer-encoding');
  const lengths = allValues(headers, 'content-length');
  if (codings.length > 0) {
    // In HTTP/1.0 it was never defined: a peer of that version that sends it is not understood by all (section 6.1).
    const isSound = minorVersion === 1 && lengths.length === 0 && codings.length === 1;
    return isSound && (codings[0] as string).toLowerCase() === 'chunked' ? null : 'malformed';
  }
  if (lengths.length === 0) return 0;
  return lengths.length === 1 ? (parseLength(lengths[0] as string) ?? 'malformed') : 'malformed';
}

function viaCount(headers: HeaderList): number {
  let count = 0;
  for (const entry of tokensOf(headers, 'via')) {
    if (/^\S+\s+banyan(?:\s|$)/.test(entry)) count++;
  }
  return count;
}
