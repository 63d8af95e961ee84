import type { SeenAnswer } from '../edge-case.ts';
import { fieldOf } from './read-head.ts';

/** Takes what a client got on one connection apart. `isOver`: its end was seen, and was no reset. */
export function readAnswers(
  bytes: string,
  { methods, isOver }: { methods: readonly string[]; isOver: boolean },
): { answers: readonly SeenAnswer[]; rest: string } {
  const answers: SeenAnswer[] = [];
  let interim: string[] = [];
  let at = 0;
  for (;;) {
    const end = /^HTTP\/1\.[01] [1-5][0-9][0-9]/.test(bytes.slice(at, at + 12))
      ? bytes.indexOf('\r\n\r\n', at)
      : -1;
    if (end === -1) break;
    const head = bytes.slice(at, end + 4);
    const status = Number(head.slice(9, 12));
    at = end + 4;
    if (status < 200 && status !== 101) {
      interim.push(head);
      continue;
    }
    const body = readBody({ bytes, at, head, status, method: methods[answers.length] ?? 'GET', isOver });
    at = body.end;
    answers.push({ status, head, body: body.text, trailers: body.trailers, isWhole: body.isWhole, interim });
    interim = [];
    if (status === 101 || !body.isWhole) break;
  }
  return { answers, rest: bytes.slice(at) };
}

interface Body {
  readonly text: string;
  readonly trailers: string;
  readonly isWhole: boolean;
  readonly end: number;
}

function readBody(of: {
  bytes: string;
  at: number;
  head: string;
  status: number;
  method: string;
  isOver: boolean;
}): Body {
  const { bytes, at, head, status } = of;
  if (of.method === 'HEAD' || status === 101 || status === 204 || status === 304)
    return { text: '', trailers: '', isWhole: true, end: at };
  if (fieldOf(head, 'transfer-encoding') !== undefined) return readChunks(bytes, at);
  const length = fieldOf(head, 'content-length');
  if (length === undefined)
    return { text: bytes.slice(at), trailers: '', isWhole: of.isOver, end: bytes.length };
  const text = bytes.slice(at, at + Number(length));
  return { text, trailers: '', isWhole: text.length === Number(length), end: at + text.length };
}

function readChunks(bytes: string, from: number): Body {
  let text = '';
  for (let at = from; ; ) {
    const line = /^([0-9a-fA-F]+)[^\r\n]*\r\n/.exec(bytes.slice(at, at + 300));
    if (line === null) return { text, trailers: '', isWhole: false, end: bytes.length };
    const size = Number.parseInt(line[1] as string, 16);
    at += line[0].length;
    if (size === 0) {
      const end = bytes.startsWith('\r\n', at) ? at : bytes.indexOf('\r\n\r\n', at) + 2;
      if (end === 1) return { text, trailers: '', isWhole: false, end: bytes.length };
      return { text, trailers: bytes.slice(at, end), isWhole: true, end: end + 2 };
    }
    text += bytes.slice(at, at + size);
    if (bytes.length < at + size + 2) return { text, trailers: '', isWhole: false, end: bytes.length };
    at += size + 2;
  }
}
