import { closeSync, constants, fstatSync, openSync, type Stats, write, writeSync } from 'node:fs';

/** Takes bytes without ever blocking the event loop. One write at a time. */
export interface LogOutput {
  /** Calls back once, with how many bytes were taken; 0 with EAGAIN when it is full. They are the caller's again then. */
  write(bytes: Buffer, written: (error: NodeJS.ErrnoException | null, bytes: number) => void): void;
  /** Takes what it can before it returns, at the end of the process, and may block for a moment. Never throws. */
  writeLast(bytes: Buffer): void;
  /** A write goes on by itself once it was begun, even while the process ends. */
  readonly isAsynchronous: boolean;
}

/**
 * The output behind a file descriptor that was given to the process. A pipe or terminal is opened once more without
 * blocking, since the flag on the given one is shared with whoever else holds it, the shell included. A file goes
 * through libuv's threads: only a disk can be slow there. A socket (systemd's journal), and what may not be opened
 * again, goes through the process's own stream, which Node keeps from blocking.
 */
export function openLogOutput(fd: number): LogOutput {
  const stats = statOf(fd);
  if (stats?.isFile()) return fileOutput(fd);
  if (stats?.isFIFO() || stats?.isCharacterDevice()) {
    const own = reopen(fd);
    if (own !== null) return nonBlockingOutput(own);
  }
  return streamOutput(fd === 2 ? process.stderr : process.stdout);
}

function statOf(fd: number): Stats | null {
  try {
    return fstatSync(fd);
  } catch {
    return null;
  }
}

/** A descriptor of our own on the same pipe or terminal; null where that cannot be had (other systems, no right). */
function reopen(fd: number): number | null {
  try {
    const own = openSync(
      `/proc/self/fd/${fd}`,
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
    if (fstatSync(own).ino === fstatSync(fd).ino) return own;
    closeSync(own);
    return null;
  } catch {
    return null;
  }
}

function nonBlockingOutput(fd: number): LogOutput {
  return {
    isAsynchronous: false,
    write(bytes, written) {
      let taken = 0;
      try {
        taken = writeSync(fd, bytes);
      } catch (error) {
        written(error as NodeJS.ErrnoException, 0);
        return;
      }
      written(null, taken);
    },
    writeLast: (bytes) => writeAll(fd, bytes),
  };
}

function fileOutput(fd: number): LogOutput {
  return {
    isAsynchronous: true,
    write: (bytes, written) => write(fd, bytes, (error, taken) => written(error, taken)),
    writeLast: (bytes) => writeAll(fd, bytes),
  };
}

function streamOutput(stream: NodeJS.WriteStream): LogOutput {
  // Without a listener an error (EPIPE: the reader is gone) would end the process.
  stream.on('error', () => {});
  return {
    isAsynchronous: true,
    write: (bytes, written) =>
      stream.write(bytes, (error) => written(error ?? null, error == null ? bytes.length : 0)),
    writeLast(bytes) {
      // What it still holds stands in the way, and is lost with the rest.
      if (stream.writableLength === 0) stream.write(bytes);
    },
  };
}

/** How often, and how long each time, the end of a process waits for a reader of its log. */
const LAST_WAITS = 50;
const LAST_WAIT_MS = 2;

/** Writes as much as is taken, within a tenth of a second if the reader is slow. */
function writeAll(fd: number, bytes: Buffer): void {
  let rest = bytes;
  for (let waits = 0; rest.length > 0 && waits < LAST_WAITS; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      waits += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WAIT_MS);
    }
  }
}
