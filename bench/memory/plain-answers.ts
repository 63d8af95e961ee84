import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** A backend that answers with 150 bytes, and echoes WebSocket messages. */
export interface PlainBackend {
  readonly port: number;
  close(): Promise<void>;
}

const BODY = Buffer.alloc(150, 'x');

/** Starts one on each of these addresses of the machine itself, all on one port. */
export async function startPlainBackend(addresses: readonly string[] = ['127.0.0.1']): Promise<PlainBackend> {
  const servers: Server[] = [];
  let port = 0;
  for (const address of addresses) {
    const server = createServer({ keepAliveTimeout: 0 }, (_, response) => {
      response.writeHead(200, { 'content-length': BODY.length }).end(BODY);
    });
    echoMessages(server);
    await new Promise<void>((resolve) => server.listen(port, address, 4096, resolve));
    port = (server.address() as AddressInfo).port;
    servers.push(server);
  }
  return {
    port,
    async close() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function echoMessages(server: Server): void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      client.on('error', () => {});
      client.on('message', (data) => client.send(data));
    });
  });
}
