// The least that a relay in Node can do: bytes from one socket to another, nothing read. Arguments: the backend's port,
// its own.
import { connect, createServer } from 'node:net';

const [backendPort, port] = process.argv.slice(2).map(Number);
createServer({ noDelay: true }, (client) => {
  const backend = connect({ host: '127.0.0.1', port: backendPort, noDelay: true });
  for (const [from, to] of [
    [client, backend],
    [backend, client],
  ]) {
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}).listen({ host: '127.0.0.1', port, backlog: 4_096 });
