import {
  data,
  FLAG,
  FRAME,
  frame,
  getFields,
  headerBlock,
  headers,
  PREFACE,
  ping,
  postFields,
  reset,
  settings,
  windowUpdate,
} from './http2-frames.ts';

/**
 * Conversations of HTTP/2 that begin soundly and go on as chance has it: requests, bodies, trailers, windows, resets and
 * settings, of streams that are open, ended or were never there; half of them with broken bytes.
 */

/** What one client sends, preface and all. */
export function randomConversation(random: () => number): Buffer {
  const talk = new Talk(random);
  const pieces: Buffer[] = [PREFACE, settings([[4, below(random, 100_000)]])];
  const count = 1 + below(random, 30);
  for (let i = 0; i < count; i++) pieces.push(talk.next());
  const bytes = Buffer.concat(pieces);
  if (random() < 0.3) breakBytes(bytes, random);
  return bytes;
}

class Talk {
  readonly #random: () => number;
  #next = 1;
  /** Streams whose body goes on. */
  readonly #bodies = new Set<number>();

  constructor(random: () => number) {
    this.#random = random;
  }

  next(): Buffer {
    const random = this.#random;
    // Most of what ends a connection is left for the end.
    if (random() < 0.02) return this.#anyFrame();
    const post = () => headers(this.#beginBody(), postFields('/post'), FLAG.endHeaders);
    if (this.#bodies.size === 0) return post();
    const kinds = [
      () => headers(this.#begin(), getFields('/get', ['te', 'trailers', 'cookie', 'a'])),
      () => headers(this.#begin(), getFields('/get')),
      post,
      () => headers(this.#beginBody(), postFields('/sized', ['content-length', '100']), FLAG.endHeaders),
      () => this.#inTwoFrames(),
      () => data(this.#body(false), 'x'.repeat(below(random, 3000))),
      () => data(this.#body(true), 'x', FLAG.endStream),
      () => frame(FRAME.data, { stream: this.#body(false), flags: FLAG.padded, payload: PADDED }),
      () => headers(this.#body(true), ['x-t', '1']),
      () => windowUpdate(random() < 0.5 ? 0 : this.#begun(), 1 + below(random, 50_000)),
      () => reset(this.#begun()),
      () => ping(random() < 0.5),
      () => settings([[4, below(random, 100_000)]]),
    ];
    return kinds[below(random, kinds.length)]!();
  }

  #begin(): number {
    const id = this.#next;
    this.#next += 2;
    return id;
  }

  #beginBody(): number {
    const id = this.#begin();
    this.#bodies.add(id);
    return id;
  }

  /** A stream that was begun; the first one if none was. */
  #begun(): number {
    return 1 + 2 * below(this.#random, Math.max(1, (this.#next - 1) / 2));
  }

  /** A stream whose body goes on, as a rule. */
  #body(isEnd: boolean): number {
    const bodies = [...this.#bodies];
    const id = this.#random() < 0.03 ? this.#begun() : (bodies[below(this.#random, bodies.length)] as number);
    if (isEnd) this.#bodies.delete(id);
    return id;
  }

  #inTwoFrames(): Buffer {
    const id = this.#beginBody();
    return Buffer.concat([
      frame(FRAME.headers, { stream: id, payload: headerBlock(postFields('/split')) }),
      frame(FRAME.continuation, { stream: id, flags: FLAG.endHeaders, payload: headerBlock(['x', 'y']) }),
    ]);
  }

  #anyFrame(): Buffer {
    const byte = () => below(this.#random, 256);
    const payload = Buffer.alloc(below(this.#random, 20), byte());
    const stream = this.#random() < 0.5 ? 0 : this.#begun();
    return frame(below(this.#random, 16), { stream, flags: byte(), payload });
  }
}

const PADDED = Buffer.from([2, 120, 0, 0]);

/** A few bytes are others, or a piece is lost, or comes twice. */
function breakBytes(bytes: Buffer, random: () => number): void {
  const count = 1 + below(random, 3);
  for (let i = 0; i < count; i++) bytes[below(random, bytes.length)] = below(random, 256);
  if (random() < 0.2) bytes.copy(bytes, below(random, bytes.length), below(random, bytes.length));
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}
