import { type LogOutput, openLogOutput } from './log-output.ts';

/**
 * Where log lines go: kept in memory until the output takes them, and dropped, counted, above a limit. A request
 * never waits for its line. sonic-boom, which pino brings, would hold a thread of libuv's small pool, and the exit,
 * as long as a pipe is blocked; on a pipe that never blocks it waits 100 ms whenever the pipe is full, which caps it
 * at 640 kB a second for good once it has fallen behind.
 *
 *   write(line) ─▶ waiting lines ─▶ one piece of ≤ 64 KiB ─▶ output
 *                  (> 16 MiB: dropped)      (full: again after 1 … 50 ms)
 */

const BACKLOG_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 64 * 1024;
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 50;
/** The output is broken (its reader is gone, the disk is full): lines are dropped, and it is asked again then. */
const BROKEN_RETRY_MS = 1_000;

/** Takes whole lines, each ended by a line feed. */
export interface LogSink {
  write(line: string): void;
  /** Lines given up since the start. */
  droppedLines(): number;
  /** Writes out what is waiting, for at most so long; true if all went out. The sink goes on working. */
  flush(limitMs: number): Promise<boolean>;
}

/** Which output, and how much may wait for it. */
export interface LogSinkOptions {
  /** 1 for stdout, 2 for stderr. */
  readonly fd: number;
  /** For tests; by default what the file descriptor is. */
  readonly output?: LogOutput;
  readonly backlogBytes?: number;
}

/** A sink on a file descriptor. */
export function createLogSink(options: LogSinkOptions): LogSink {
  return new BufferedSink(options.output ?? openLogOutput(options.fd), options.backlogBytes ?? BACKLOG_BYTES);
}

/** Lines joined, on their way out together. */
interface Piece {
  text: string;
  bytes: number;
  lines: number;
}

class BufferedSink implements LogSink {
  readonly #output: LogOutput;
  readonly #backlogBytes: number;
  readonly #waiting: Piece[] = [];
  /** What is being written, and the rest of its bytes. */
  #writing: { readonly piece: Piece; rest: Buffer } | null = null;
  #backlog = 0;
  #isScheduled = false;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;
  #onIdle: (() => void)[] = [];

  constructor(output: LogOutput, backlogBytes: number) {
    this.#output = output;
    this.#backlogBytes = backlogBytes;
  }

  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#backlog + bytes > this.#backlogBytes) {
      this.#dropped++;
      return;
    }
    this.#backlog += bytes;
    this.#append(line, bytes);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#writeOut);
  }

  droppedLines(): number {
    return this.#dropped;
  }

  flush(limitMs: number): Promise<boolean> {
    if (!this.#isScheduled) return Promise.resolve(true);
    return new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), limitMs);
      this.#onIdle.push(() => {
        clearTimeout(limit);
        resolve(true);
      });
    });
  }

  #append(line: string, bytes: number): void {
    const last = this.#waiting.at(-1);
    if (last === undefined || last.bytes + bytes > PIECE_BYTES) {
      this.#waiting.push({ text: line, bytes, lines: 1 });
      return;
    }
    last.text += line;
    last.bytes += bytes;
    last.lines++;
  }

  readonly #writeOut = (): void => {
    this.#writing ??= this.#next();
    if (this.#writing !== null) {
      this.#output.write(this.#writing.rest, this.#written);
      return;
    }
    this.#isScheduled = false;
    for (const tell of this.#onIdle.splice(0)) tell();
  };

  #next(): { readonly piece: Piece; rest: Buffer } | null {
    const piece = this.#waiting.shift();
    return piece === undefined ? null : { piece, rest: Buffer.from(piece.text) };
  }

  readonly #written = (error: NodeJS.ErrnoException | null, bytes: number): void => {
    const writing = this.#writing;
    if (writing === null) return;
    if (error !== null && error.code !== 'EAGAIN') {
      this.#backlog -= writing.rest.length;
      this.#dropped += writing.piece.lines;
      this.#writing = null;
      this.#again(BROKEN_RETRY_MS);
      return;
    }
    this.#backlog -= bytes;
    writing.rest = writing.rest.subarray(bytes);
    if (writing.rest.length === 0) this.#writing = null;
    if (bytes > 0) {
      this.#retryMs = FIRST_RETRY_MS;
      setImmediate(this.#writeOut);
    } else {
      this.#again(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
    }
  };

  /** The timer does not keep the process alive: who wants the lines out before the end awaits `flush`. */
  #again(delayMs: number): void {
    setTimeout(this.#writeOut, delayMs).unref();
  }
}
