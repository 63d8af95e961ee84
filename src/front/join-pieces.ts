import type { IncomingMessage } from 'node:http';

/**
 * Small pieces of a body are put together. node:http makes a buffer of each chunk: of a read of 64 KiB in chunks of one
 * byte, ten thousand, which take megabytes while nobody reads them and a system call each when somebody does. What
 * comes in one turn of the event loop goes on at its end; a tick is too soon, since there is one after each chunk.
 */

/** From this size on a piece goes on as it is: copying it would cost more than it saves. */
const LARGE_BYTES = 4 * 1024;
/** A read is 64 KiB; what one byte chunks leave of it is less than a fifth. */
const HELD_BYTES = 16 * 1024;

/** Joins what the parser gives to this request from now on. To be called before its body is read. */
export function joinPieces(request: IncomingMessage): void {
  const push = request.push.bind(request);
  let held: Buffer | null = null;
  let bytes = 0;
  let wantsMore = true;
  const flush = (): void => {
    if (held === null) return;
    const joined = held.subarray(0, bytes);
    held = null;
    wantsMore = push(joined);
  };
  request.push = (piece: Buffer | null) => {
    if (piece === null || piece.length >= LARGE_BYTES || bytes + piece.length > HELD_BYTES) flush();
    if (piece === null || piece.length >= LARGE_BYTES) return push(piece);
    if (held === null) {
      held = Buffer.allocUnsafe(HELD_BYTES);
      bytes = 0;
      setImmediate(flush);
    }
    bytes += piece.copy(held, bytes);
    return wantsMore;
  };
}
