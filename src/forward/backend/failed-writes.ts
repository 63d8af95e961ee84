import type { Socket } from 'node:net';

/**
 * A backend may answer in the middle of an upload and close: its answer has come, and our next write fails. node:net
 * destroys a socket whose write fails, and with it what was received and not yet read, so that the answer (a 413, say)
 * would be lost by a race. It has no option for that; the streams beneath it do (`autoDestroy`), and net turns it on.
 */
interface StreamState {
  autoDestroy: boolean;
  errored: Error | null;
}

interface StreamStates {
  readonly _readableState: StreamState;
  readonly _writableState: StreamState;
}

/** From here on a failed write is an 'error' event and nothing more: the owner destroys the socket. */
export function surviveFailedWrites(socket: Socket): void {
  setAutoDestroy(socket, false);
}

/** Back to what node:net does by itself. */
export function dieOfFailedWrites(socket: Socket): void {
  setAutoDestroy(socket, true);
}

/** Whether this 'error' was a write's, so that there may still be something to read. */
export function isFailedWrite(error: NodeJS.ErrnoException, socket: Socket): boolean {
  return error.syscall === 'write' && !socket.destroyed;
}

/** Lets what was received be read to its end, though a write failed. */
export function readOn(socket: Socket): void {
  (socket as unknown as StreamStates)._readableState.errored = null;
}

function setAutoDestroy(socket: Socket, value: boolean): void {
  const states = socket as unknown as StreamStates;
  states._readableState.autoDestroy = value;
  states._writableState.autoDestroy = value;
}
