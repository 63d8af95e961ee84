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
} from './reference-fields.ts';

/** An answer as RFC 9112 reads it. */
export interface ReferenceAnswer extends ReadBody {
  readonly status: number;
  readonly fields: readonly Field[];
  /** All of it was there. */
  isWhole: boolean;
  /** Heads of 1xx before it. */
  readonly interim: number;
}

/** All answers of one connection's bytes. */
export interface AnswerReading {
  readonly answers: readonly ReferenceAnswer[];
  /** What stands behind the last one that is whole; a tunnel's bytes behind a 101. */
  readonly rest: string;
  /** Why that is no answer; null: it is one that is not whole, or nothing. */
  readonly malformed: string | null;
}

/** How a connection ended; `open`: it did not. */
export type Ended = 'open' | 'end' | 'reset';

/** Reads answers to requests of these methods, in order; beyond them to GET. */
export function readAnswers(bytes: string, methods: readonly string[], ended: Ended): AnswerReading {
  const answers: ReferenceAnswer[] = [];
  for (let at = 0; ; ) {
    if (at >= bytes.length) return { answers, rest: '', malformed: null };
    const open: { answer: ReferenceAnswer | null } = { answer: null };
    try {
      open.answer = readFinalHead(bytes, at);
      readBody(bytes, open.answer, { method: methods[answers.length] ?? 'GET', ended });
      open.answer.isWhole = true;
      answers.push(open.answer);
      at = open.answer.end;
      if (open.answer.status === 101) return { answers, rest: bytes.slice(at), malformed: null };
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof Unfinished)) throw error;
      if (open.answer !== null) answers.push(open.answer);
      const malformed = error instanceof Malformed ? error.message : null;
      return { answers, rest: bytes.slice(at), malformed };
    }
  }
}

const LINE = /^HTTP\/1\.([01]) ([1-5][0-9][0-9])(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

function readFinalHead(bytes: string, from: number): ReferenceAnswer & { minor: number } {
  for (let at = from, interim = 0; ; interim++) {
    const end = headEnd(bytes, at);
    const { first, fields } = readHeadLines(bytes.slice(at, end), 'answer');
    const match = LINE.exec(first);
    if (match === null) throw new Malformed(`no status line: ${JSON.stringify(first.slice(0, 60))}`);
    const status = Number(match[2]);
    if (status >= 200 || status === 101) {
      const minor = Number(match[1]);
      return { status, minor, fields, body: '', trailers: [], end, isWhole: false, interim };
    }
    at = end;
  }
}

function readBody(
  bytes: string,
  answer: ReferenceAnswer & { minor?: number },
  { method, ended }: { readonly method: string; readonly ended: Ended },
): void {
  const framing = framingOf(answer.fields, answer.minor ?? 1);
  const { status, end } = answer;
  if (method === 'HEAD' || status === 204 || status === 304 || status === 101) return;
  if (framing === 'chunked') readChunks(bytes, end, answer, 'answer');
  else if (framing !== null) readLength(bytes, end, framing, answer);
  else {
    answer.body = bytes.slice(end);
    answer.end = bytes.length;
    // Its end is the connection's; a reset is none.
    if (ended !== 'end') throw new Unfinished();
  }
}
