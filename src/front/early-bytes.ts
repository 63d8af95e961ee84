import type { Socket } from 'node:net';

/** Bytes that a client may send behind an upgrade's head before anybody took it. */
const EARLY_LIMIT = 64 * 1024;

/**
 * Reads a connection whose upgrade nobody took yet, since only a socket that is read shows that its client left.
 * Returns how to stop that and get what came.
 */
export function watchEarly(socket: Socket, head: Buffer): () => Buffer {
  const pieces = head.length === 0 ? [] : [head];
  let held = head.length;
  const onData = (bytes: Buffer): void => {
    pieces.push(bytes);
    held += bytes.length;
    if (held > EARLY_LIMIT) socket.pause();
  };
  socket.on('data', onData);
  socket.resume();
  return () => {
    socket.off('data', onData);
    socket.pause();
    return Buffer.concat(pieces);
  };
}
