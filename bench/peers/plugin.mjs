// @fastify/http-proxy alone, as its readme shows it. Argument: the backend's port. Prints its own.
import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';

const app = fastify({ logger: false });
app.register(proxy, { upstream: `http://127.0.0.1:${process.argv[2]}` });
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(app.server.address().port);
