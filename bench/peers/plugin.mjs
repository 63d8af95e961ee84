// @fastify/http-proxy alone, as its readme shows it. Arguments: the backend's port, its own.
import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';

const [backendPort, port] = process.argv.slice(2).map(Number);
const app = fastify({ logger: false });
app.register(proxy, { upstream: `http://127.0.0.1:${backendPort}`, websocket: true });
await app.listen({ host: '127.0.0.1', port, backlog: 4_096 });
