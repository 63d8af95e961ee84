import type { AnswerHead } from '../model/exchange.ts';
import { type HeaderList, isNamed, tokensOf } from '../model/header-list.ts';

/**
 * The bytes of an answer's head. Fields go out as they were given: case, order, duplicates; what is added is what
 * framing and the connection's life need, and nothing else (no Date, no Server, no Keep-Alive).
 */

/** How the end of a body is shown (RFC 9112 section 6). */
export type Framing = 'none' | 'length' | 'chunked' | 'close';

/** What rendering a head needs to know of the request and its connection. */
export interface HeadTerms {
  readonly method: string;
  readonly minorVersion: 0 | 1;
  /** Whether the connection may serve another request after this. */
  readonly persistent: boolean;
}

/** A head ready to write, and what it promised. */
export interface RenderedHead {
  /** latin1. */
  readonly text: string;
  readonly framing: Framing;
  /** The connection lives on after the answer. */
  readonly keeps: boolean;
}

const NO_FIELDS: HeaderList = [];

/** Renders a final answer's head. Pure. */
export function renderHead(head: AnswerHead, terms: HeadTerms): RenderedHead {
  const framing = framingOf(head, terms);
  const keeps = terms.persistent && framing !== 'close';
  const start = statusLine(head.status, head.reason);
  if (head.lines !== undefined) {
    const connection = keeps && terms.minorVersion === 1 ? '' : connectionLine(NO_FIELDS, terms, keeps);
    return { text: `${start}${head.lines}${connection}\r\n`, framing, keeps };
  }
  let text = start;
  let hasLength = false;
  for (let i = 0; i < head.headers.length; i += 2) {
    const name = head.headers[i] as string;
    if (isNamed(name, 'content-length')) {
      // None may stand beside chunked coding, nor on a 204 (RFC 9110 section 8.6); two would be two readings.
      if (hasLength || framing === 'chunked' || framing === 'close' || head.status === 204) continue;
      hasLength = true;
    }
    text += `${name}: ${head.headers[i + 1]}\r\n`;
  }
  if (framing === 'length' && !hasLength) text += `Content-Length: ${head.bodyLength}\r\n`;
  if (framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  text += connectionLine(head.headers, terms, keeps);
  return { text: `${text}\r\n`, framing, keeps };
}

/** Renders a 1xx head; for 101 with the Connection that belongs to its Upgrade (RFC 9110 section 7.8). Pure. */
export function renderInterim(status: number, reason: string, headers: HeaderList): string {
  let text = statusLine(status, reason);
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  if (status === 101 && tokensOf(headers, 'connection').length === 0) text += 'Connection: upgrade\r\n';
  return `${text}\r\n`;
}

function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason}\r\n`;
}

function framingOf(head: AnswerHead, terms: HeadTerms): Framing {
  if (terms.method === 'HEAD' || head.status === 204 || head.status === 304) return 'none';
  if (head.bodyLength !== null) return 'length';
  return terms.minorVersion === 0 ? 'close' : 'chunked';
}

/** `close` when it closes; `keep-alive` only to HTTP/1.0, where it is not the rule (RFC 9112 section 9.3). */
function connectionLine(headers: HeaderList, terms: HeadTerms, keeps: boolean): string {
  const options: string[] = [];
  // An Upgrade field (on a 426, say) is only for this hop, and must be named (RFC 9110 section 7.8).
  if (tokensOf(headers, 'upgrade').length > 0) options.push('upgrade');
  if (!keeps) options.push('close');
  else if (terms.minorVersion === 0) options.push('keep-alive');
  return options.length === 0 ? '' : `Connection: ${options.join(', ')}\r\n`;
}
