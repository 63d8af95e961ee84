import { connect, type Socket } from 'node:net';

/** What happens on a socket. */
export interface SocketEvents {
  /** The bytes are overwritten by the next read of any socket. */
  readonly read: (bytes: Buffer) => void;
  /** Once: an error, or the other end closed. */
  readonly lost: (why: string) => void;
}

/** To a port of this machine, reading into a buffer that all sockets share. */
export function openSocket(port: number, buffer: Buffer, events: SocketEvents): Socket {
  const onread = {
    buffer,
    callback: (read: number): boolean => {
      events.read(buffer.subarray(0, read));
      return true;
    },
  };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
  socket.on('error', (error) => events.lost(error.message));
  socket.on('close', () => events.lost('the connection was closed'));
  return socket;
}
