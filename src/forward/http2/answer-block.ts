import { STATUS_CODES } from 'node:http';
import { LINE, TOKEN } from '../../model/byte-classes.ts';
import type { HeaderList } from '../../model/header-list.ts';
import { OF_A_CONNECTION } from '../../model/http2/http2-words.ts';
import { parseLength } from '../../model/message-framing.ts';
import { AnswerFields } from '../backend/answer-fields.ts';
import { ANSWER_LIMITS, AnswerError } from '../backend/answer-parser.ts';
import { FieldError, parseFields } from '../backend/field-parser.ts';
import { ParsedHead } from '../backend/parsed-head.ts';

/**
 * The fields of one header block of an answer, read strictly (RFC 9113 section 8): what is malformed there is a
 * `bad_response` here. They are written down as lines of HTTP/1.1, so that what comes after is the same as for
 * any other answer; a value that could be read as more than one line is refused first.
 */

/** Bytes of each field beside its text, as section 6.5.2 counts a header list. */
const FIELD_BYTES = 32;

/** What is read of one block. */
export class AnswerBlock {
  private status: number | null = null;
  private text = '';
  private size = 0;
  private fields = 0;
  /** What is wrong with it. */
  private fault: string | null = null;

  /** The next field, as it stood in the block. */
  readonly take = (name: string, value: string): void => {
    this.size += name.length + value.length + FIELD_BYTES;
    this.fields++;
    if (this.fault !== null) return;
    this.fault =
      this.limitFault() ??
      (name.startsWith(':') ? this.takePseudo(name, value) : this.takeField(name, value));
  };

  /** The status of a head. @throws AnswerError when the block is malformed, or no head. */
  headStatus(): number {
    this.expectSound();
    if (this.status === null) throw new AnswerError('a head without a status');
    return this.status;
  }

  /** Of trailers, or of an informational head. @throws AnswerError */
  list(): HeaderList {
    this.expectSound();
    return readStrictly(() => parseFields(this.text.slice(0, -2), ANSWER_LIMITS.maxFields));
  }

  /** Trailers. @throws AnswerError when it is a head instead. */
  trailers(): HeaderList {
    const list = this.list();
    if (this.status !== null) throw new AnswerError('a second head');
    return list;
  }

  /** A final head. `isEnd`: nothing follows it. @throws AnswerError */
  finalHead(
    requestMethod: string,
    isEnd: boolean,
  ): { readonly head: ParsedHead; readonly owed: number | null } {
    const status = this.headStatus();
    if (status === 101) throw new AnswerError('101 over HTTP/2');
    const fields = readStrictly(() => new AnswerFields(this.text, 0, ANSWER_LIMITS.maxFields));
    const length = lengthOf(fields);
    const isBodiless = requestMethod === 'HEAD' || status === 204 || status === 304;
    const owed = isBodiless ? 0 : length;
    if (isEnd && owed !== null && owed > 0) throw new AnswerError('the answer ended before its length');
    const line = { minorVersion: 1, status, reason: STATUS_CODES[status] ?? '' } as const;
    const head = new ParsedHead({ text: this.text, start: 0, line, fields }, isEnd ? 0 : owed, true);
    return { head, owed };
  }

  private expectSound(): void {
    if (this.fault !== null) throw new AnswerError(this.fault);
  }

  private limitFault(): string | null {
    if (this.size > ANSWER_LIMITS.maxHeadBytes) return 'the head is too large';
    return this.fields > ANSWER_LIMITS.maxFields ? 'too many header fields' : null;
  }

  private takePseudo(name: string, value: string): string | null {
    if (name !== ':status') return 'a pseudo-header field that no answer has';
    if (this.status !== null) return 'two statuses';
    if (this.text !== '') return 'a status behind other fields';
    if (!/^[1-5][0-9][0-9]$/.test(value)) return 'a status that is none';
    this.status = Number(value);
    return null;
  }

  private takeField(name: string, value: string): string | null {
    const nameIsWrong = nameFault(name);
    if (nameIsWrong !== null) return nameIsWrong;
    if (OF_A_CONNECTION.has(name)) return `a field of a connection: ${name}`;
    const fault = valueFault(value);
    this.text += `${name}: ${value}\r\n`;
    return fault;
  }
}

function nameFault(name: string): string | null {
  for (let i = 0; i < name.length; i++)
    if (TOKEN[name.charCodeAt(i)] !== 1) return 'a header name that is no token';
  if (name === '') return 'a header line without a name';
  return name === name.toLowerCase() ? null : 'a header name with capital letters';
}

function valueFault(value: string): string | null {
  for (let i = 0; i < value.length; i++)
    if (LINE[value.charCodeAt(i)] !== 1) return 'a control character in a header value';
  return /^[ \t]|[ \t]$/.test(value) ? 'a header value with white space around it' : null;
}

function lengthOf({ length, lengths }: AnswerFields): number | null {
  if (length === null) return null;
  if (lengths > 1) throw new AnswerError('more than one Content-Length');
  const bytes = parseLength(length);
  if (bytes === null) throw new AnswerError('malformed Content-Length');
  return bytes;
}

function readStrictly<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) throw new AnswerError(error.message);
    throw error;
  }
}
