import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from '../support/certificates.ts';
import { ask, get, type RawAnswer } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/** Backends behind https: verified unless it is said otherwise. */

let authority: Authority;
let stranger: Authority;
let router: RunningRouter;
const servers: Server[] = [];

/** A server that says what it saw of its peer. Gives its port. */
async function serveTls(options: ServerOptions): Promise<number> {
  const server = createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false };
    const peer = socket.getPeerCertificate();
    response.end(
      JSON.stringify({ sni: socket.servername, client: peer?.subject?.CN ?? null, url: request.url }),
    );
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  authority = new Authority();
  stranger = new Authority();
  const good = await serveTls(authority.issue('orders.internal', ['DNS:orders.internal', 'IP:127.0.0.1']));
  const wrongName = await serveTls(authority.issue('other', ['DNS:other.internal']));
  const self = await serveTls(authority.selfSigned('self', ['IP:127.0.0.1']));
  const client = authority.issue('router', ['DNS:router']);
  const mutual = await serveTls({
    ...authority.issue('mutual', ['IP:127.0.0.1']),
    ca: authority.own.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const old = await serveTls({
    ...authority.issue('old', ['IP:127.0.0.1']),
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    minVersion: 'TLSv1',
  });
  const ca = `ca: ${authority.own.certFile}`;
  const backends: [name: string, port: number, tls: string[]][] = [
    ['unknown-ca', good, []],
    ['other-ca', good, [`ca: ${stranger.own.certFile}`]],
    ['good', good, [ca]],
    ['self-signed', self, [ca]],
    ['wrong-name', wrongName, [ca]],
    ['named', wrongName, [ca, 'server_name: other.internal']],
    ['misnamed', good, [ca, 'server_name: someone.else']],
    ['insecure', self, ['insecure: true']],
    ['mutual', mutual, [ca, `cert: ${client.certFile}`, `key: ${client.keyFile}`]],
    ['no-client-cert', mutual, [ca]],
    ['no-such-ca', good, ['ca: /nowhere/ca.pem']],
    ['too-old', old, [ca]],
  ];
  router = await startRouter(
    [
      'legacy: http://127.0.0.1:9',
      'features:',
      ...backends.flatMap(([name, port, tls]) => [
        `  ${name}:`,
        `    url: https://127.0.0.1:${port}`,
        '    hold_while_down: 0s',
        ...(tls.length === 0 ? [] : ['    tls:', ...tls.map((line) => `      ${line}`)]),
      ]),
      'routes:',
      ...backends.flatMap(([name]) => ['  - match:', `      prefix: /${name}`, `    to: ${name}`]),
      '',
    ].join('\n'),
  );
});

afterAll(async () => {
  await router.stop('SIGKILL');
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  authority.remove();
  stranger.remove();
});

function to(name: string): Promise<RawAnswer> {
  return ask(router.port, get(`/${name}`));
}

it.each([
  ['good', { client: null }],
  ['named', { sni: 'other.internal' }],
  ['insecure', {}],
  ['mutual', { client: 'router' }],
])('%s: is spoken to', async (name, seen) => {
  for (let i = 0; i < 3; i++) {
    const answer = await to(name);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ url: `/${name}`, ...seen });
  }
});

it.each(['unknown-ca', 'other-ca', 'self-signed', 'wrong-name', 'misnamed', 'no-such-ca', 'too-old'])(
  '%s: is refused as `tls`, and nothing is sent to it',
  async (name) => {
    const answer = await to(name);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'tls' });
    expect(
      await router.metric('banyan_backend_attempts_total', { backend: name, result: 'tls' }),
    ).toBeGreaterThan(0);
  },
);

it.each([
  ['no-such-ca', /^tls: .*\/nowhere\/ca\.pem/],
  ['wrong-name', /^tls: .*127\.0\.0\.1 is not in the cert/],
  ['self-signed', /^tls: self-signed certificate$/],
])('%s: the log says why without being asked for more', async (name, why) => {
  await to(name);
  const line = await router.log(
    ({ backend, msg }) =>
      backend === name && msg === 'an endpoint does not accept connections: others are preferred',
  );
  expect(line['why']).toMatch(why);
});

it('no-client-cert: a server that wants one refuses, and that is no answer of its', async () => {
  // With TLS 1.3 the refusal comes after our side of the handshake is done.
  const answer = await to('no-client-cert');
  expect(answer.status).toBe(502);
  expect(['tls', 'reset']).toContain(JSON.parse(answer.text).failure);
});
