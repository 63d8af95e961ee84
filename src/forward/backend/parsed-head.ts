import type { HeaderList } from '../../model/header-list.ts';
import type { AnswerFields } from './answer-fields.ts';
import { parseFields } from './field-parser.ts';
import type { StatusLine } from './status-line.ts';

/** What a head was read from. */
export interface HeadSource {
  /** The head, with the CRLF of its last line; its fields were found to be sound. */
  readonly text: string;
  /** Where its fields begin. */
  readonly start: number;
  readonly line: StatusLine;
  readonly fields: AnswerFields;
}

/** The head of a final answer, or of a 101. */
export class ParsedHead {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  /** Bytes of the body; null: chunked or until close; 0: none. */
  readonly bodyLength: number | null;
  /** The backend will keep the connection open after this answer. */
  readonly keepAlive: boolean;
  readonly fields: AnswerFields;
  private readonly text: string;
  private readonly start: number;
  private list: HeaderList | null = null;

  constructor({ text, start, line, fields }: HeadSource, bodyLength: number | null, keepAlive: boolean) {
    this.status = line.status;
    this.reason = line.reason;
    this.minorVersion = line.minorVersion;
    this.bodyLength = bodyLength;
    this.keepAlive = keepAlive;
    this.fields = fields;
    this.text = text;
    this.start = start;
  }

  /** All fields, one by one: most answers go on without it. */
  get headers(): HeaderList {
    this.list ??= parseFields(this.text.slice(0, -2), Number.POSITIVE_INFINITY, this.start);
    return this.list;
  }
}
