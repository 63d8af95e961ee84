// A feature that can be killed. Arguments: its port, and a file that gets a line for each POST before it is answered,
// so that what was done is known although the process dies.
import { openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';

const [port, file] = process.argv.slice(2);
const done = openSync(file, 'a');
const server = createServer({ keepAliveTimeout: 60_000 }, (request, answer) => {
  request.resume().on('end', () => {
    if (request.method === 'POST') writeSync(done, `${request.url}\n`);
    answer.setHeader('x-answered-by', 'feature').end('feature');
  });
});
server.listen({ host: '127.0.0.1', port: Number(port), backlog: 1_024 }, () => process.stdout.write('up\n'));
