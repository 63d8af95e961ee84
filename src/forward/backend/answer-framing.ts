import { keepsConnection, parseLength } from '../../model/message-framing.ts';
import type { AnswerFields } from './answer-fields.ts';

/**
 * How long an answer's body is (RFC 9112 section 6.3), or why that cannot be said. Two lengths, a length beside a
 * transfer coding, or a coding other than `chunked` alone have more than one reading, so they are errors.
 */
export type Framing =
  | { readonly kind: 'none'; readonly keepAlive: boolean }
  | { readonly kind: 'length'; readonly length: number; readonly keepAlive: boolean }
  | { readonly kind: 'chunked'; readonly keepAlive: boolean }
  | { readonly kind: 'close'; readonly keepAlive: false }
  | { readonly kind: 'error'; readonly message: string };

/** What framing is read from. */
export interface FramedHead {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  readonly fields: AnswerFields;
}

/** The framing of an answer to a request of this method. Pure. */
export function readFraming(head: FramedHead, requestMethod: string): Framing {
  const keepAlive = keepsOpen(head);
  const framing = framingOfFields(head, keepAlive);
  // Section 6.3 rule 1: these never have a body, whatever their fields say. What those say must be sound all the same,
  // since the client reads them too.
  const hasBody = requestMethod !== 'HEAD' && head.status !== 204 && head.status !== 304;
  return hasBody || framing.kind === 'error' ? framing : { kind: 'none', keepAlive };
}

function framingOfFields(head: FramedHead, keepAlive: boolean): Framing {
  const { length, lengths, codings } = head.fields;
  if (codings > 0) return codedFraming(head, keepAlive);
  if (length === null) return { kind: 'close', keepAlive: false };
  if (lengths > 1) return { kind: 'error', message: 'more than one Content-Length' };
  const bytes = parseLength(length);
  if (bytes === null) return { kind: 'error', message: 'malformed Content-Length' };
  return { kind: 'length', length: bytes, keepAlive };
}

function codedFraming({ minorVersion, fields }: FramedHead, keepAlive: boolean): Framing {
  if (fields.lengths > 0) return { kind: 'error', message: 'Content-Length beside Transfer-Encoding' };
  if (minorVersion === 0) return { kind: 'error', message: 'Transfer-Encoding in an HTTP/1.0 answer' };
  if (fields.codings > 1 || fields.coding?.toLowerCase() !== 'chunked')
    return { kind: 'error', message: 'a transfer coding other than chunked' };
  return { kind: 'chunked', keepAlive };
}

function keepsOpen({ minorVersion, fields: { connection } }: FramedHead): boolean {
  if (connection === null) return minorVersion === 1;
  if (connection === 'keep-alive') return true;
  return keepsConnection({ minorVersion, headers: ['connection', connection] });
}
