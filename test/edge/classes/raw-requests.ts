import { RAW_CASES, type RawCase } from '../../front/wire/raw-cases.ts';
import { get } from '../../support/raw-client.ts';
import { readChunkedText } from '../../support/raw-message.ts';
import type { EdgeCase, EdgeClass } from '../edge-case.ts';
import { type Passing, passes, refused } from '../rules.ts';

/**
 * The cases of the wire front's own table (`test/front/wire/raw-cases.ts`), as a client and a backend see them. Behind
 * what is refused comes another request, which nobody may take for one.
 */

const SOURCES: Readonly<Record<string, string>> = {
  'request line': '9112 3',
  target: '9112 3.2',
  Host: '9110 7.2, 9112 3.2',
  fields: '9112 5',
  framing: '9112 6',
  chunks: '9112 7.1',
};

const HIDDEN = get('/hidden');

/** One class for each class of the table, with further cases of that class. */
export function rawClasses(further: Readonly<Record<string, readonly EdgeCase[]>>): readonly EdgeClass[] {
  return Object.entries(RAW_CASES).map(([name, cases]) => ({
    name,
    cases: [
      ...cases.filter(({ own }) => own !== true).map((raw) => edgeCase(SOURCES[name] ?? '', raw)),
      ...(further[name] ?? []),
    ],
  }));
}

function edgeCase(source: string, raw: RawCase): EdgeCase {
  const { what, bytes, status, also = [], router = status, design } = raw;
  const stricter = design === undefined ? {} : { stricter: design };
  if (router === 200) return { what, send: bytes, source, ...stricter, rule: passes(sentBy(bytes)) };
  // What is unfinished on purpose is not finished by another request; behind a path that is refused one may follow.
  const isWhole = bytes.includes('\r\n\r\n') && raw.router === undefined;
  const send = isWhole ? bytes + HIDDEN : bytes;
  return { what, send, source, ...stricter, rule: refused(router, ...also) };
}

/** What a sound request is to the backend that gets it. */
function sentBy(bytes: string): Passing {
  const text = bytes.replace(/^\r\n/, '');
  const end = text.indexOf('\r\n\r\n') + 4;
  const head = text.slice(0, end);
  const [method = '', target = ''] = head.split(' ');
  const rest = text.slice(end);
  const body = /^transfer-encoding/im.test(head) ? readChunkedText(rest) : rest;
  return { method, ...(target.startsWith('/') ? { target } : {}), body, text: 'reaches legacy as it came' };
}
