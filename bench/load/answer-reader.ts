/**
 * Reads answers off a kept connection, one at a time, as cheaply as can be while still checking each: status, framing,
 * length of the body. Strict where a peer may go wrong, deaf to everything else.
 */
const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** What `push` says: more is to come, the answer is whole, or it cannot be read. */
export type Progress = 'more' | 'whole' | 'broken';

type State = 'head' | 'length' | 'size' | 'data' | 'trailer' | 'until-close';

/** One per connection. */
export class AnswerReader {
  /** Of the answer that is being read, or was read last. */
  status = 0;
  bodyBytes = 0;
  closes = false;
  #state: State = 'head';
  #missing = 0;
  #held: Buffer | null = null;

  /** The next bytes; they are copied if they must be kept. More than one answer in them is broken: nobody asked. */
  push(bytes: Buffer): Progress {
    let at = 0;
    let input = bytes;
    if (this.#held !== null) {
      input = Buffer.concat([this.#held, bytes]);
      this.#held = null;
    }
    while (at < input.length || (this.#state === 'length' && this.#missing === 0)) {
      const next = this.#step(input, at);
      if (next === 'broken') return 'broken';
      if (next === 'whole') return 'whole';
      if (next < 0) {
        this.#held = Buffer.from(input.subarray(at));
        return 'more';
      }
      at = next;
    }
    return 'more';
  }

  /** The position after what was understood; negative: more is needed. */
  #step(input: Buffer, at: number): number | 'whole' | 'broken' {
    switch (this.#state) {
      case 'head':
        return this.#head(input, at);
      case 'length':
      case 'data':
        return this.#data(input, at);
      case 'size':
        return this.#size(input, at);
      case 'trailer':
        return this.#trailer(input, at);
      case 'until-close':
        this.bodyBytes += input.length - at;
        return input.length;
    }
  }

  #head(input: Buffer, at: number): number | 'whole' | 'broken' {
    const end = input.indexOf(HEAD_END, at);
    if (end < 0) return -1;
    const head = input.toString('latin1', at, end + 2);
    if (!head.startsWith('HTTP/1.1 ')) return 'broken';
    const status = Number(head.slice(9, 12));
    const after = end + HEAD_END.length;
    if (status < 200) return after;
    this.status = status;
    this.bodyBytes = 0;
    this.closes = /\r\nconnection: *close/i.test(head);
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length !== undefined) {
      this.#missing = Number(length);
      this.#state = 'length';
      return after;
    }
    this.#state = /\r\ntransfer-encoding: *chunked\r\n/i.test(head) ? 'size' : 'until-close';
    return after;
  }

  #data(input: Buffer, at: number): number | 'whole' | 'broken' {
    const taken = Math.min(this.#missing, input.length - at);
    this.bodyBytes += taken;
    this.#missing -= taken;
    if (this.#missing > 0) return at + taken;
    if (this.#state === 'length') return this.#end(input, at + taken);
    if (input.length < at + taken + 2) {
      this.bodyBytes -= taken;
      this.#missing += taken;
      return -1;
    }
    this.#state = 'size';
    return at + taken + 2;
  }

  #size(input: Buffer, at: number): number | 'broken' {
    const end = input.indexOf(LINE_END, at);
    if (end < 0) return -1;
    this.#missing = Number.parseInt(input.toString('latin1', at, end), 16);
    if (Number.isNaN(this.#missing)) return 'broken';
    this.#state = this.#missing === 0 ? 'trailer' : 'data';
    return end + LINE_END.length;
  }

  #trailer(input: Buffer, at: number): number | 'whole' | 'broken' {
    const end = input.indexOf(LINE_END, at);
    if (end < 0) return -1;
    return end === at ? this.#end(input, end + LINE_END.length) : end + LINE_END.length;
  }

  #end(input: Buffer, at: number): 'whole' | 'broken' {
    this.#state = 'head';
    return at === input.length ? 'whole' : 'broken';
  }
}
