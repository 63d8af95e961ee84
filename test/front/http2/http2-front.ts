import { type AddressInfo, createServer, type Socket } from 'node:net';
import { peerOf } from '../../../src/front/client-socket.ts';
import { createHttp2Server } from '../../../src/front/http2/http2-server.ts';
import type { Front, FrontOptions } from '../../../src/model/exchange.ts';

/** The HTTP/2 front by itself: over plain sockets, so that frames can be written and read. TLS is the wire front's. */
export async function createHttp2Front(options: FrontOptions): Promise<Front> {
  const http2 = createHttp2Server(options);
  const open = new Set<Socket>();
  let emptied: (() => void)[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      if (open.size > 0) return;
      for (const resolve of emptied) resolve();
      emptied = [];
    });
    http2.serve(socket as Parameters<typeof http2.serve>[0], peerOf(socket));
  });
  const empty = (): Promise<void> =>
    open.size === 0 ? Promise.resolve() : new Promise((resolve) => emptied.push(resolve));
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          const bound = server.address() as AddressInfo;
          resolve({ address: bound.address, port: bound.port });
        });
      }),
    drain: () => {
      server.close();
      http2.drain();
      return empty();
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
      return empty();
    },
    get connections() {
      return open.size;
    },
  };
}
