import type { AnswerHead } from '../../model/exchange.ts';
import type { HeaderList } from '../../model/header-list.ts';
import { OF_A_CONNECTION } from '../../model/http2/http2-words.ts';

/**
 * An answer's fields as HTTP/2 has them (RFC 9113 section 8.3.2): the status first, names in lower case, nothing that
 * speaks of a connection. All else stays as it came: order, duplicates, values.
 */

/** Fields of a final answer. `hasBody`: DATA may follow. Pure. */
export function answerFields(head: AnswerHead, hasBody: boolean): HeaderList {
  const fields = [':status', String(head.status)];
  const { headers, bodyLength } = head;
  let hasLength = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (OF_A_CONNECTION.has(name)) continue;
    if (name === 'content-length') {
      // One alone, and none beside a body that ends when it ends, nor on a 204 (RFC 9110 section 8.6).
      if (hasLength || (hasBody && bodyLength === null) || head.status === 204) continue;
      hasLength = true;
    }
    fields.push(name, headers[i + 1] as string);
  }
  if (hasBody && bodyLength !== null && !hasLength) fields.push('content-length', String(bodyLength));
  return fields;
}

/** Fields of an informational answer. Pure. */
export function informationalFields(status: number, headers: HeaderList): HeaderList {
  return [':status', String(status), ...trailerFields(headers)];
}

/** Trailers. Pure. */
export function trailerFields(headers: HeaderList): HeaderList {
  const fields: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (!OF_A_CONNECTION.has(name)) fields.push(name, headers[i + 1] as string);
  }
  return fields;
}
