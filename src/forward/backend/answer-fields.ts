import { LINE, TOKEN } from '../../model/byte-classes.ts';
import { FieldError, nameError } from './field-parser.ts';

/**
 * One look at each character of an answer's fields: their grammar (as `parseFields` has it), what framing is read from,
 * and whether they can go to the client as they stand but for Connection and Keep-Alive, as those of nearly all answers
 * can. Then nobody has to take them apart and put them together again, which was a third of what an answer cost.
 */

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;

/** First letters, in lower case. */
const C = 0x63;
const H = 0x68;
const K = 0x6b;
const L = 0x6c;
const P = 0x70;
const S = 0x73;
const T = 0x74;
const U = 0x75;

/** Read, removed or mended one by one where the client's head is made. */
const ODD = [
  'location',
  'upgrade',
  'te',
  'transfer-encoding',
  'http2-settings',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
];

/** What is read of the fields of one answer. */
export class AnswerFields {
  /** Of the last Content-Length, and how many there were. */
  length: string | null = null;
  lengths = 0;
  /** Of the last Transfer-Encoding, and how many there were. */
  coding: string | null = null;
  codings = 0;
  /** Of all Connection fields, in lower case. */
  connection: string | null = null;
  keepAlive: string | null = null;
  /** Of the first. */
  contentType: string | null = null;
  /** There are some. */
  setsCookies = false;
  /**
   * The lines that go on to the client, each with its CRLF. Null: a field is to be removed, read or mended one by one,
   * or is not written as `Name: value`.
   */
  lines: string | null = null;
  private isOrdinary = true;
  /** Of the line that is looked at. */
  private nameEnd = 0;
  private valueStart = 0;
  private valueEnd = 0;

  /**
   * @param text A head, with the CRLF of its last line; latin1.
   * @param start Where its first field begins.
   * @throws FieldError
   */
  constructor(text: string, start: number, maxFields: number) {
    let lines = '';
    let from = start;
    let count = 0;
    for (let line = start; line < text.length; ) {
      if (count++ >= maxFields) throw new FieldError('too many header fields');
      this.readLine(text, line);
      const isKept = this.take(text, line);
      const next = this.valueEnd + 2;
      if (!isKept) {
        lines += text.slice(from, line);
        from = next;
      }
      line = next;
    }
    if (this.isOrdinary) this.lines = lines + text.slice(from);
  }

  private readLine(text: string, line: number): void {
    let at = line;
    while (TOKEN[text.charCodeAt(at)] === 1) at++;
    this.nameEnd = at;
    while (isBlank(text.charCodeAt(at))) at++;
    if (this.nameEnd === line || text.charCodeAt(at) !== COLON) throw nameError(text, line);
    if (at !== this.nameEnd) this.isOrdinary = false;
    at++;
    this.valueStart = at;
    while (LINE[text.charCodeAt(at)] === 1) at++;
    if (text.charCodeAt(at) !== CR || text.charCodeAt(at + 1) !== LF)
      throw new FieldError('a control character in a header value');
    this.valueEnd = at;
    if (!isPlainValue(text, this.valueStart, at)) this.isOrdinary = false;
  }

  /** False: the line stays behind. */
  private take(text: string, line: number): boolean {
    switch (text.charCodeAt(line) | 0x20) {
      case C:
        return this.takeC(text, line);
      case K:
        if (!this.isField(text, line, 'keep-alive')) return true;
        this.keepAlive ??= this.value(text);
        return false;
      case S:
        if (this.isField(text, line, 'set-cookie')) this.setsCookies = true;
        return true;
      case H:
      case L:
      case P:
      case T:
      case U:
        this.takeOdd(text, line);
        return true;
      default:
        return true;
    }
  }

  private takeOdd(text: string, line: number): void {
    for (const name of ODD) if (this.isField(text, line, name)) this.isOrdinary = false;
    if (!this.isField(text, line, 'transfer-encoding')) return;
    this.codings++;
    this.coding = this.value(text);
  }

  private takeC(text: string, line: number): boolean {
    if (this.isField(text, line, 'content-length')) {
      this.lengths++;
      this.length = this.value(text);
    } else if (this.isField(text, line, 'content-type')) this.contentType ??= this.value(text);
    else if (this.isField(text, line, 'connection')) {
      const value = this.value(text).toLowerCase();
      this.connection = this.connection === null ? value : `${this.connection},${value}`;
      // Any other option may name a field that stays behind.
      if (value !== 'keep-alive' && value !== 'close') this.isOrdinary = false;
      return false;
    }
    return true;
  }

  private isField(text: string, line: number, lowerName: string): boolean {
    if (this.nameEnd - line !== lowerName.length) return false;
    // Among the characters of tokens only a letter becomes a letter, a hyphen or a digit stays itself.
    for (let i = 0; i < lowerName.length; i++)
      if ((text.charCodeAt(line + i) | 0x20) !== lowerName.charCodeAt(i)) return false;
    return true;
  }

  /** Without the blanks around it. */
  private value(text: string): string {
    let start = this.valueStart;
    let end = this.valueEnd;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    return text.slice(start, end);
  }
}

/** One space, and then no blank at either end: as the router itself writes fields. */
function isPlainValue(text: string, start: number, end: number): boolean {
  if (text.charCodeAt(start) !== SPACE || end - start < 2) return false;
  return !isBlank(text.charCodeAt(start + 1)) && !isBlank(text.charCodeAt(end - 1));
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
