/**
 * The backend of all measurements: answers on a bare socket, from bytes made beforehand, as cheaply as Node can, so
 * that it is not what is measured. Prints its port.
 */
import { createServer } from 'node:net';
import { BackendConnection } from './backend-connection.ts';
import { EventStreams } from './event-streams.ts';

const streams = new EventStreams();
const server = createServer({ noDelay: true }, (socket) => {
  new BackendConnection(socket, streams);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.on('disconnect', () => process.exit());
