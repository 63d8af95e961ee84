import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authority, type Certificate } from '../support/certificates.ts';
import { EventStream } from '../support/event-stream.ts';
import { Load } from '../support/load.ts';
import { startNamed } from '../support/named-backend.ts';
import type { RawBackend } from '../support/raw-backend.ts';
import { get } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { until } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';

/** Certificates are renewed while clients are served, as certbot, Kubernetes and editors do it. */

let authority: Authority;
let legacy: RawBackend;
let router: RunningRouter;
let folder: string;

beforeEach(async () => {
  authority = new Authority();
  legacy = await startNamed('legacy');
  folder = path.join(authority.folder, 'live');
  mkdirSync(folder);
});

afterEach(async () => {
  await router.stop();
  await legacy.stop();
  authority.remove();
});

async function start(cert: string, key: string, flags: readonly string[] = []): Promise<void> {
  const pair = ['--tls-cert', cert, '--tls-key', key];
  router = await startRouter(`legacy: ${legacy.url}\n`, {
    flags: ['--front', 'wire', '--tls-listen', '127.0.0.1:0', ...pair, ...flags],
  });
}

function issue(name: string): Certificate {
  return authority.issue(name, ['DNS:shop.test']);
}

/** Which certificate a new client is shown. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(router.tlsUrl);
    const socket = tls.connect(
      { port: Number(port), servername: 'shop.test', rejectUnauthorized: false },
      () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.end();
      },
    );
    socket.once('error', reject);
  });
}

function shows(name: string): Promise<string> {
  return until(shown, (now) => now === name, { withinMs: 10_000, what: `the certificate ${name}` });
}

function write(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
  return file;
}

/** Replaces a link, which is one step for whoever reads through it. */
function link(target: string, name: string): string {
  const file = path.join(folder, name);
  symlinkSync(target, `${file}.new`);
  renameSync(`${file}.new`, file);
  return file;
}

/** Writes a pair over the one in use, by rename. */
function put({ cert, key }: Certificate): readonly [cert: string, key: string] {
  return [write('tls.crt', cert), write('tls.key', key)];
}

describe('a renewal is taken up', () => {
  it('by rename, and by writing in place', async () => {
    const [one, two, three] = [issue('one'), issue('two'), issue('three')];
    const [cert, key] = put(one);
    await start(cert, key);
    expect(await shown()).toBe('one');
    put(two);
    await shows('two');
    writeFileSync(cert, three.cert);
    writeFileSync(key, three.key);
    await shows('three');
  });

  it('by links that are swapped one by one, as certbot does', async () => {
    const [one, two] = [issue('one'), issue('two')];
    await start(link(one.certFile, 'fullchain.pem'), link(one.keyFile, 'privkey.pem'));
    expect(await shown()).toBe('one');
    link(two.certFile, 'fullchain.pem');
    link(two.keyFile, 'privkey.pem');
    await shows('two');
  });

  it('by a link of the folder, as Kubernetes does', async () => {
    for (const one of [issue('one'), issue('two')]) {
      const version = path.join(folder, path.basename(one.certFile, '.pem'));
      mkdirSync(version);
      writeFileSync(path.join(version, 'tls.crt'), one.cert);
      writeFileSync(path.join(version, 'tls.key'), one.key);
    }
    link('one', '..data');
    await start(link('..data/tls.crt', 'tls.crt'), link('..data/tls.key', 'tls.key'));
    expect(await shown()).toBe('one');
    link('two', '..data');
    await shows('two');
  });

  it('by every worker', async () => {
    const [cert, key] = put(issue('one'));
    await start(cert, key, ['--workers', '2']);
    expect(await shown()).toBe('one');
    put(issue('two'));
    await shows('two');
    expect(new Set(await Promise.all(Array.from({ length: 20 }, shown)))).toEqual(new Set(['two']));
    expect(await router.metric('banyan_tls_certificates_current')).toBe(1);
  });
});

it('a bad pair keeps the last good one, loudly, until it is mended', async () => {
  const [one, two] = [issue('one'), issue('two')];
  const [cert, key] = put(one);
  await start(cert, key);
  const current = (): Promise<number> => router.metric('banyan_tls_certificates_current');
  expect(await current()).toBe(1);
  const notAfter = await router.metric('banyan_tls_certificate_not_after_seconds', { certificate: cert });
  expect(notAfter).toBeCloseTo(Date.now() / 1000 + 2 * 24 * 3600, -3);
  write('tls.crt', two.cert);
  const line = await router.log(
    ({ level, msg }) => level === 'error' && String(msg).startsWith('certificate rejected'),
  );
  expect(line['problem']).toBe(`${key}: the key does not belong to the certificate in ${cert}`);
  expect([await current(), await shown()]).toEqual([0, 'one']);
  write('tls.key', two.key);
  await shows('two');
  expect(await current()).toBe(1);
});

it('loses no request while certificates change under load', async () => {
  const [cert, key] = put(issue('0'));
  await start(cert, key);
  const kept = new Load(router.tlsUrl, { clients: 8 });
  const fresh = new Load(router.tlsUrl, { clients: 4, request: () => get('/', ['Connection: close']) });
  for (const name of ['1', '2', '3']) {
    put(issue(name));
    await shows(name);
  }
  for (const figures of [await kept.stop(), await fresh.stop()]) {
    expect(figures).toMatchObject({ lost: [], idleClosed: 0, refused: 0 });
    expect(figures.byStatus[200]).toBeGreaterThan(50);
  }
});

it('a WebSocket of 10 000 messages and an event stream live through reloads of routes and certificates', async () => {
  const [cert, key] = put(issue('0'));
  await start(cert, key);
  const stream = await EventStream.open(router.tlsUrl, '/events');
  const socket = await RawWebSocket.open(router.tlsUrl);
  let messages = 0;
  const talk = async (): Promise<void> => {
    for (; messages < 10_000; messages++)
      expect(await socket.echo(`message ${messages}`)).toBe(`message ${messages}`);
  };
  const reload = async (): Promise<void> => {
    for (const name of ['1', '2']) {
      put(issue(name));
      await router.edit(
        `legacy: ${legacy.url}\nroutes:\n  - match:\n      prefix: /r${name}\n    to: legacy\n`,
      );
      await shows(name);
    }
  };
  await Promise.all([talk(), reload()]);
  await until(
    () => stream.events.length,
    (count) => count > 20,
  );
  expect(stream.ended).toBeNull();
  expect(stream.events).toEqual(stream.events.map((_, number) => `data: legacy ${number}`));
  socket.destroy();
  stream.destroy();
});

it('a drain lets what is under way finish, and says goodbye to the rest', async () => {
  const [cert, key] = put(issue('0'));
  await start(cert, key);
  const load = new Load(router.tlsUrl, { clients: 8 });
  const socket = await RawWebSocket.open(router.tlsUrl);
  await until(
    () => load.answered,
    (count) => count > 100,
  );
  const ended = router.stop();
  expect((await socket.read()).payload.readUInt16BE()).toBe(1001);
  expect(await ended).toBe(0);
  expect(await load.stop()).toMatchObject({ lost: [], idleClosed: 0 });
  socket.destroy();
});
