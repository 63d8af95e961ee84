import { type LogOutput, openLogOutput } from './log-output.ts';

/**
 * Where log lines go: kept in memory until the output takes them, and dropped, counted, above a limit. A request
 * never waits for its line, and a busy router makes one system call for some dozens of lines.
 *
 *   write(line) ─▶ open text ─▶ closed pieces of ≤ 64 KiB ─▶ output
 *                  │             (> 16 MiB in all: dropped)    (full: again after 1 … 50 ms)
 *                  └─ at 16 KiB, or 4 ms after its first line
 *
 * sonic-boom, which pino brings, would hold a thread of libuv's small pool, and the exit, as long as a pipe is blocked;
 * on a pipe that never blocks it waits 100 ms whenever the pipe is full, which caps it at 640 kB a second for good once
 * it has fallen behind.
 */

const BACKLOG_BYTES = 16 * 1024 * 1024;
/** Enough for a write. */
const WORTHWHILE_LENGTH = 16 * 1024;
const PIECE_LENGTH = 64 * 1024;
/** Bytes of UTF-8 that a UTF-16 unit takes at most. */
const MOST_UTF8 = 3;
/** Then others have their turn of the event loop. */
const WRITES_A_TURN = 16;
/** How long a line may wait for others. */
const LINGER_MS = 4;
const FIRST_RETRY_MS = 1;
const LAST_RETRY_MS = 50;
/** The output is broken (its reader is gone, the disk is full): lines are dropped, and it is asked again then. */
const BROKEN_RETRY_MS = 1_000;

/** Takes whole lines, each ended by a line feed. */
export interface LogSink {
  /** One line, or several. */
  write(lines: string): void;
  /** Lines given up since the start. */
  droppedLines(): number;
  /** Writes out what is waiting, for at most so long; true if all went out. The sink goes on working. */
  flush(limitMs: number): Promise<boolean>;
}

/** A sink whose process may end at any moment. */
export interface ProcessLogSink extends LogSink {
  /** Writes what the output takes of what is waiting before it returns: for the end of the process only. */
  writeLastLines(): void;
}

/** Which output, and how much may wait for it. */
export interface LogSinkOptions {
  /** 1 for stdout, 2 for stderr. */
  readonly fd: number;
  /** For tests; by default what the file descriptor is. */
  readonly output?: LogOutput;
  readonly backlogBytes?: number;
  /** How long a line may wait for others, ms. */
  readonly lingerMs?: number;
}

/** A sink on a file descriptor. */
export function createLogSink(options: LogSinkOptions): ProcessLogSink {
  return new BufferedSink(options);
}

class BufferedSink implements ProcessLogSink {
  readonly #output: LogOutput;
  readonly #backlogBytes: number;
  readonly #lingerMs: number;
  /** Lines of the next piece. */
  #text = '';
  readonly #waiting: Buffer[] = [];
  /** What is not taken yet of the piece that is being written. */
  #writing: Buffer | null = null;
  /** Where open text becomes bytes when it is written at once, as it nearly always is. */
  readonly #scratch = Buffer.allocUnsafeSlow(MOST_UTF8 * PIECE_LENGTH);
  /** Bytes of pieces that no output has taken. */
  #backlog = 0;
  /** A write is under way, or about to begin: whoever ends it looks for more. */
  #isBusy = false;
  #writesInTurn = 0;
  #isLingering = false;
  #linger: NodeJS.Timeout | null = null;
  #retryMs = FIRST_RETRY_MS;
  #dropped = 0;
  #onIdle: (() => void)[] = [];

  constructor({ fd, output, backlogBytes = BACKLOG_BYTES, lingerMs = LINGER_MS }: LogSinkOptions) {
    this.#output = output ?? openLogOutput(fd);
    this.#backlogBytes = backlogBytes;
    this.#lingerMs = lingerMs;
  }

  write(lines: string): void {
    if (!this.#hasRoomFor(lines)) {
      this.#dropped += lineCount(Buffer.from(lines));
      return;
    }
    if (this.#text.length + lines.length > PIECE_LENGTH) this.#close();
    this.#text += lines;
    if (this.#isBusy) return;
    if (this.#waiting.length > 0 || this.#text.length >= WORTHWHILE_LENGTH) {
      this.#isBusy = true;
      setImmediate(this.#writeMore);
    } else if (!this.#isLingering) {
      this.#startLingering();
    }
  }

  droppedLines(): number {
    return this.#dropped;
  }

  flush(limitMs: number): Promise<boolean> {
    if (!this.#isBusy) this.#writeNext();
    if (!this.#isBusy) return Promise.resolve(true);
    return new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), limitMs);
      this.#onIdle.push(() => {
        clearTimeout(limit);
        resolve(true);
      });
    });
  }

  writeLastLines(): void {
    this.#close();
    const pieces = this.#waiting.splice(0);
    // What a thread is writing now is written to its end, even while the process ends.
    if (this.#writing !== null && !this.#output.isAsynchronous) pieces.unshift(this.#writing);
    this.#output.writeLast(Buffer.concat(pieces));
  }

  #hasRoomFor(lines: string): boolean {
    // Exact counts are made only near the limit.
    const open = MOST_UTF8 * (this.#text.length + lines.length);
    if (this.#backlog + open <= this.#backlogBytes) return true;
    this.#close();
    return this.#backlog + Buffer.byteLength(lines) <= this.#backlogBytes;
  }

  /** Lets the open text wait as a piece. */
  #close(): void {
    const piece = this.#takeOpen(false);
    if (piece !== null) this.#waiting.push(piece);
  }

  /** Makes a piece of the open text: in the scratch buffer if no other piece can be there, or in bytes of its own. */
  #takeOpen(mayUseScratch: boolean): Buffer | null {
    if (this.#text === '') return null;
    const text = this.#text;
    const isShort = mayUseScratch && text.length <= PIECE_LENGTH;
    const piece = isShort ? this.#scratch.subarray(0, this.#scratch.write(text)) : Buffer.from(text);
    this.#backlog += piece.length;
    this.#text = '';
    return piece;
  }

  /** One timer for all times: it is started again, not made again. It does not keep the process alive. */
  #startLingering(): void {
    this.#isLingering = true;
    if (this.#linger === null) this.#linger = setTimeout(this.#lingered, this.#lingerMs).unref();
    else this.#linger.refresh();
  }

  readonly #lingered = (): void => {
    this.#isLingering = false;
    if (!this.#isBusy) this.#writeNext();
  };

  /** Writes the next piece, be it full or not. */
  #writeNext(): void {
    this.#writing ??= this.#waiting.shift() ?? this.#takeOpen(true);
    this.#isBusy = this.#writing !== null;
    if (this.#writing !== null) this.#output.write(this.#writing, this.#written);
  }

  readonly #written = (error: NodeJS.ErrnoException | null, bytes: number): void => {
    const writing = this.#writing;
    if (writing === null) return;
    if (error !== null && error.code !== 'EAGAIN') {
      this.#backlog -= writing.length;
      this.#dropped += lineCount(writing);
      this.#writing = null;
      this.#again(BROKEN_RETRY_MS);
      return;
    }
    this.#backlog -= bytes;
    this.#writing = bytes < writing.length ? writing.subarray(bytes) : null;
    if (bytes > 0) this.#goOn();
    else this.#again(this.#nextRetryMs());
  };

  /** After a write that was taken: a full piece goes at once, an open one when it has waited for its time. */
  #goOn(): void {
    this.#retryMs = FIRST_RETRY_MS;
    const isMore =
      this.#writing !== null || this.#waiting.length > 0 || this.#text.length >= WORTHWHILE_LENGTH;
    if (isMore && this.#writesInTurn++ < WRITES_A_TURN) {
      this.#writeNext();
    } else if (isMore || this.#onIdle.length > 0) {
      setImmediate(this.#writeMore);
    } else {
      this.#isBusy = false;
      if (this.#text !== '' && !this.#isLingering) this.#startLingering();
    }
  }

  readonly #writeMore = (): void => {
    this.#writesInTurn = 0;
    this.#writeNext();
    if (this.#isBusy) return;
    for (const tell of this.#onIdle.splice(0)) tell();
  };

  #nextRetryMs(): number {
    const delayMs = this.#retryMs;
    this.#retryMs = Math.min(delayMs * 2, LAST_RETRY_MS);
    return delayMs;
  }

  /** The timer does not keep the process alive: who wants the lines out before the end awaits `flush`. */
  #again(delayMs: number): void {
    setTimeout(this.#writeMore, delayMs).unref();
  }
}

const LINE_FEED = 0x0a;

function lineCount(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return lines;
}
