// http-proxy-middleware on node:http. Arguments: the backend's port, its own.
import { Agent, createServer } from 'node:http';
import { createProxyMiddleware } from 'http-proxy-middleware';

const [backendPort, port] = process.argv.slice(2).map(Number);
const proxy = createProxyMiddleware({
  target: `http://127.0.0.1:${backendPort}`,
  agent: new Agent({ keepAlive: true }),
  xfwd: true,
  ws: false,
});
const server = createServer((request, answer) => proxy(request, answer, () => answer.writeHead(404).end()));
server.on('upgrade', proxy.upgrade);
server.listen({ host: '127.0.0.1', port, backlog: 4_096 });
