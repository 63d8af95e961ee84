// The least that a relay in Node can do: bytes from one socket to another, nothing read. Argument: the backend's port.
import { connect, createServer } from 'node:net';

createServer({ noDelay: true }, (client) => {
  const backend = connect({ host: '127.0.0.1', port: Number(process.argv[2]), noDelay: true });
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
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
