import {
  type Field,
  framingOf,
  headEnd,
  Malformed,
  type ReadBody,
  readChunks,
  readHeadLines,
  readLength,
  Unfinished,
  valuesOf,
} from './reference-fields.ts';

/** A request as RFC 9112 reads it. */
export interface ReferenceRequest extends ReadBody {
  readonly method: string;
  readonly target: string;
  readonly minor: number;
  readonly fields: readonly Field[];
}

/** All requests of one connection's bytes. */
export interface ReferenceReading {
  readonly requests: readonly ReferenceRequest[];
  /** What stands behind them. */
  readonly rest: 'nothing' | 'unfinished' | 'malformed';
  /** Why, where it is malformed. */
  readonly why: string;
  /** The one behind them whose head could be read, with as much of its body. */
  readonly open: ReferenceRequest | null;
  /** Where it begins. */
  readonly at: number;
}

/** Reads requests up to the first that is none. */
export function readRequests(bytes: string): ReferenceReading {
  const requests: ReferenceRequest[] = [];
  for (let at = 0; ; ) {
    const from = skipEmptyLine(bytes, at);
    if (from >= bytes.length) return { requests, rest: 'nothing', why: '', open: null, at };
    const open: { request: ReferenceRequest | null } = { request: null };
    try {
      open.request = readHead(bytes, from);
      readBody(bytes, open.request);
      requests.push(open.request);
      at = open.request.end;
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof Unfinished)) throw error;
      const rest = error instanceof Malformed ? 'malformed' : 'unfinished';
      return { requests, rest, why: error.message, open: open.request, at: from };
    }
  }
}

/** Reads the request that begins here. @throws Malformed, Unfinished */
export function readRequest(bytes: string): ReferenceRequest {
  const request = readHead(bytes, 0);
  readBody(bytes, request);
  return request;
}

/** RFC 9112 section 2.2: an empty line before a request is to be ignored. */
function skipEmptyLine(bytes: string, at: number): number {
  return bytes.startsWith('\r\n', at) ? at + 2 : at;
}

const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.([0-9])$/;

/** Head of the request that begins here; its body is still empty. @throws Malformed, Unfinished */
export function readHead(bytes: string, from: number): ReferenceRequest {
  const end = headEnd(bytes, from);
  const { first, fields } = readHeadLines(bytes.slice(from, end));
  const match = LINE.exec(first);
  if (match === null) throw new Malformed(`no request line: ${JSON.stringify(first.slice(0, 60))}`);
  const [, method = '', target = '', version = ''] = match;
  const minor = Number(version);
  if (!isTarget(method, target)) throw new Malformed(`no target: ${JSON.stringify(target.slice(0, 60))}`);
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1 || (hosts.length === 0 && minor > 0)) throw new Malformed('not one Host');
  if (/[\s/@?#]/.test(hosts[0] ?? '')) throw new Malformed('no host');
  framingOf(fields, minor);
  return { method, target, minor, fields, body: '', trailers: [], end };
}

function isTarget(method: string, target: string): boolean {
  if (target.includes('#') || method === 'CONNECT') return false;
  if (target === '*') return method === 'OPTIONS';
  return target.startsWith('/') || /^https?:\/\/[^/?@]+(?:[/?].*)?$/i.test(target);
}

function readBody(bytes: string, request: ReferenceRequest): void {
  const framing = framingOf(request.fields, request.minor);
  if (framing === 'chunked') readChunks(bytes, request.end, request);
  else if (framing !== null) readLength(bytes, request.end, framing, request);
}

/** The target as an origin server is asked for it. */
export function originTarget({ method, target }: ReferenceRequest): string {
  const absolute = /^https?:\/\/[^/?]+(.*)$/i.exec(target);
  if (absolute === null) return target;
  const rest = absolute[1] as string;
  if (rest === '') return method === 'OPTIONS' ? '*' : '/';
  return rest.startsWith('?') ? `/${rest}` : rest;
}
