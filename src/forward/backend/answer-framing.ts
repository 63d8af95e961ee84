import { type HeaderList, isNamed } from '../../model/header-list.ts';
import { keepsConnection, parseLength } from '../../model/message-framing.ts';

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

interface FramedHead {
  readonly status: number;
  readonly minorVersion: 0 | 1;
  readonly headers: HeaderList;
}

/** The framing of an answer to a request of this method. Pure. */
export function readFraming(head: FramedHead, requestMethod: string): Framing {
  const keepAlive = keepsConnection(head);
  // Section 6.3 rule 1: these never have a body, whatever their fields say.
  if (requestMethod === 'HEAD' || head.status === 204 || head.status === 304)
    return { kind: 'none', keepAlive };
  const { headers } = head;
  let coding: string | null = null;
  let length: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (isNamed(name, 'content-length')) {
      if (length !== null) return { kind: 'error', message: 'more than one Content-Length' };
      length = headers[i + 1] as string;
    } else if (isNamed(name, 'transfer-encoding')) {
      // Two fields of it are one list of two codings.
      coding = coding === null ? (headers[i + 1] as string) : 'several';
    }
  }
  if (coding !== null) return codedFraming(coding, length, { ...head, keepAlive });
  if (length === null) return { kind: 'close', keepAlive: false };
  const bytes = parseLength(length);
  if (bytes === null) return { kind: 'error', message: 'malformed Content-Length' };
  return { kind: 'length', length: bytes, keepAlive };
}

function codedFraming(
  coding: string,
  length: string | null,
  head: { readonly minorVersion: 0 | 1; readonly keepAlive: boolean },
): Framing {
  if (length !== null) return { kind: 'error', message: 'Content-Length beside Transfer-Encoding' };
  if (head.minorVersion === 0) return { kind: 'error', message: 'Transfer-Encoding in an HTTP/1.0 answer' };
  if (coding.toLowerCase() !== 'chunked')
    return { kind: 'error', message: 'a transfer coding other than chunked' };
  return { kind: 'chunked', keepAlive: head.keepAlive };
}
