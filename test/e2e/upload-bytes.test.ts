import { createHash } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/**
 * Large uploads arrive as they were sent: pieces are lent from the client's socket to the backend's, from buffers that
 * are used again, so whoever is too early with the next piece would overwrite what is not sent yet.
 */

const MIB = 1024 * 1024;
const PACES = ['quick', 'slow', 'tls'] as const;

let authority: Authority;
let router: RunningRouter;
const servers: (http.Server | https.Server)[] = [];

async function listen(server: http.Server | https.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Answers with the body's digest; reads it at once, or with a rest after each `restEvery` bytes. */
function digest(restEvery: number): (request: IncomingMessage, response: ServerResponse) => void {
  return async (request, response) => {
    const hash = createHash('sha256');
    let unrested = 0;
    for await (const bytes of request as AsyncIterable<Buffer>) {
      hash.update(bytes);
      unrested += bytes.length;
      if (unrested < restEvery) continue;
      unrested = 0;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    response.end(hash.digest('hex'));
  };
}

beforeAll(async () => {
  authority = new Authority();
  const quick = await listen(http.createServer(digest(Number.POSITIVE_INFINITY)));
  const slow = await listen(http.createServer({ highWaterMark: 4096 }, digest(512 * 1024)));
  const certificate = authority.issue('tls', ['IP:127.0.0.1']);
  const tls = await listen(https.createServer(certificate, digest(512 * 1024)));
  router = await startRouter(`legacy: http://127.0.0.1:${quick}
features:
  slow: http://127.0.0.1:${slow}
  tls:
    url: https://127.0.0.1:${tls}
    tls:
      ca: ${authority.own.certFile}
routes:
  - match:
      prefix: /slow
    to: slow
  - match:
      prefix: /tls
    to: tls
`);
});

afterAll(async () => {
  await router.stop('SIGKILL');
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Bytes that are nowhere the same; `seed` tells one body from another. */
function bodyOf(seed: number, length: number): Buffer {
  const words = new Uint32Array(length / 4);
  for (let i = 0, word = seed * 2654435761; i < words.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    words[i] = word;
  }
  return Buffer.from(words.buffer);
}

/** Sends a body in pieces of many sizes, and gives what came back. */
async function upload(
  path: string,
  body: Buffer,
  options: { isChunked: boolean; agent: http.Agent },
): Promise<string> {
  const headers = options.isChunked ? {} : { 'content-length': body.length };
  const { port } = router;
  const { agent } = options;
  const request = http.request({ host: '127.0.0.1', port, path, method: 'POST', headers, agent });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  for (let at = 0, size = 1; at < body.length; at += size, size = (size * 7 + 13) % 150_000) {
    if (!request.write(body.subarray(at, at + size)))
      await new Promise((resolve) => request.once('drain', resolve));
  }
  request.end();
  let text = '';
  for await (const bytes of await answer) text += bytes;
  return text;
}

it.each(PACES.flatMap((pace) => [[pace, 'by its length'] as const, [pace, 'in chunks'] as const]))(
  'to a backend that is %s, framed %s: every byte',
  async (pace, framing) => {
    const client = async (number: number): Promise<void> => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      for (let round = 0; round < 3; round++) {
        const body = bodyOf(number * 10 + round, 2 * MIB + number * 4);
        const got = await upload(`/${pace}/${number}`, body, { isChunked: framing === 'in chunks', agent });
        expect(got).toBe(createHash('sha256').update(body).digest('hex'));
      }
      agent.destroy();
    };
    await Promise.all([1, 2, 3, 4].map(client));
  },
);
