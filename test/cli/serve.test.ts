import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RawBackend } from '../support/raw-backend.ts';
import { runBanyan } from '../support/run-banyan.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

let folder: string;
const cleanUp: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-serve-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const clean of cleanUp.splice(0)) await clean();
});

async function file(name: string, text: string): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, text);
  return at;
}

async function started(flags: readonly string[] = [], legacy = 'http://127.0.0.1:9'): Promise<RunningRouter> {
  const router = await startRouter(`legacy: ${legacy}\n`, { flags });
  cleanUp.push(() => router.stop('SIGKILL'));
  return router;
}

/** A backend that answers when the test lets it. */
async function slowBackend() {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const backend = await RawBackend.start(async (_, reply) => {
    await released;
    reply.send(200, [], 'late');
  });
  cleanUp.push(() => backend.stop());
  return { backend, release };
}

const freePorts = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];

describe('banyan serve, its start', () => {
  it('logs where it listens, with the real ports', async () => {
    const router = await started();
    const line = await router.log((entry) => entry['msg'] === 'listening');
    expect(line['listen']).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(line['admin']).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect((await fetch(`${router.adminUrl}/readyz`)).status).toBe(200);
  });

  it('takes its settings from the environment', async () => {
    const routes = await file('env.yaml', 'legacy: http://127.0.0.1:9\n');
    const env = {
      ROUTES_FILE: routes,
      LISTEN: '127.0.0.1:0',
      ADMIN_LISTEN: '127.0.0.1:0',
      LOG_FORMAT: 'json',
    };
    const child = spawn(process.execPath, ['dist/cli.js', 'serve'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    cleanUp.push(() => end(child));
    const line = await firstLine(child, 'listening');
    expect(JSON.parse(line)).toMatchObject({ listen: expect.stringMatching(/^127\.0\.0\.1:/) });
  });

  it('says all that is wrong with its settings, and exits 2', async () => {
    const { code, out, err } = await runBanyan(['serve', '--listen', '0.0.0.0:99999', '--workers', 'all'], {
      env: { FRONT: 'nginx' },
    });
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd().split('\n')).toEqual([
      '--listen: "0.0.0.0:99999" is not a port (0–65535)',
      'FRONT: "nginx" is not one of wire, fastify',
      '--workers: "all" is not a number of processes (1 or more), nor auto',
    ]);
  });

  it('prints each mistake of a bad routes file with its place, and exits 78', async () => {
    const routes = await file(
      'bad.yaml',
      'legacy: http://legacy\nroutes:\n  - match: { prefix: /a }\n    to: orders\n',
    );
    const { code, err } = await runBanyan(['serve', '--routes', routes, ...freePorts]);
    expect(code).toBe(78);
    expect(err).toContain(`${routes}:4:9 error`);
    expect(err).toContain('^');
  });

  it('exits 78 without a routes file', async () => {
    const { code, err } = await runBanyan([
      'serve',
      '--routes',
      path.join(folder, 'none.yaml'),
      ...freePorts,
    ]);
    expect(code).toBe(78);
    expect(err).toContain('none.yaml error');
  });

  it.each([
    ['--listen', '--admin'],
    ['--admin', '--listen'],
  ])('exits 1 when the port of %s is taken, and names it', async (flag, other) => {
    const routes = await file('good.yaml', 'legacy: http://127.0.0.1:9\n');
    const holder = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    cleanUp.push(() => new Promise((resolve) => holder.close(resolve)));
    const taken = `127.0.0.1:${(holder.address() as net.AddressInfo).port}`;
    const { code, err } = await runBanyan(['serve', '--routes', routes, flag, taken, other, '127.0.0.1:0']);
    expect(code).toBe(1);
    expect(err).toBe(`banyan: cannot listen on ${taken} (${flag}): another process listens there already\n`);
  });

  it('exits 1 when the machine has no such address', async () => {
    const routes = await file('good.yaml', 'legacy: http://127.0.0.1:9\n');
    const args = ['serve', '--routes', routes, '--listen', '192.0.2.1:0', '--admin', '127.0.0.1:0'];
    const { code, err } = await runBanyan(args);
    expect(code).toBe(1);
    expect(err).toBe('banyan: cannot listen on 192.0.2.1:0 (--listen): this machine has no such address\n');
  });
});

describe('banyan serve, its end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('ends with 0 on %s', async (signal) => {
    const router = await started();
    expect(await router.stop(signal)).toBe(0);
    expect(router.logs().map((line) => line['msg'])).toEqual(expect.arrayContaining(['stopping', 'stopped']));
  });

  it('finishes what is in flight first', async () => {
    const { backend, release } = await slowBackend();
    const router = await started([], backend.url);
    const answer = fetch(`${router.url}/slow`);
    await backend.request(0);
    const stopped = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    release();
    expect(await (await answer).text()).toBe('late');
    expect(await stopped).toBe(0);
  });

  it('cuts what takes longer than --drain-timeout, and ends with 0 all the same', async () => {
    const { backend } = await slowBackend();
    const router = await started(['--drain-timeout', '200ms'], backend.url);
    const answer = fetch(`${router.url}/slow`).then(
      (response) => response.status,
      () => 'cut',
    );
    await backend.request(0);
    expect(await router.stop()).toBe(0);
    expect(await answer).not.toBe(200);
    expect(router.logs().some((line) => String(line['msg']).startsWith('drain timeout'))).toBe(true);
  });

  it('goes on answering through --shutdown-delay, but says that it is not ready', async () => {
    const backend = await RawBackend.start((_, reply) => reply.send(200, [], 'here'));
    cleanUp.push(() => backend.stop());
    const router = await started(['--shutdown-delay', '600ms'], backend.url);
    const stopped = router.stop();
    await router.log((line) => line['msg'] === 'stopping');
    expect((await fetch(`${router.adminUrl}/readyz`)).status).toBe(503);
    expect((await fetch(`${router.adminUrl}/healthz`)).status).toBe(200);
    expect(await (await fetch(router.url)).text()).toBe('here');
    expect(await stopped).toBe(0);
  });

  it('ends at once, with 1, on a second signal', async () => {
    const { backend } = await slowBackend();
    const router = await started(['--drain-timeout', '60s'], backend.url);
    const answer = fetch(`${router.url}/slow`).catch(() => 'cut');
    await backend.request(0);
    process.kill(router.pid, 'SIGTERM');
    await router.log((line) => line['msg'] === 'stopping');
    process.kill(router.pid, 'SIGINT');
    expect(await router.exited).toBe(1);
    expect(await answer).toBe('cut');
  });
});

describe('banyan serve, stopped while it starts', () => {
  it('ends with 0 at once', async () => {
    const code = `process.on('newListener', (name) => {
      if (name === 'SIGHUP') process.kill(process.pid, 'SIGTERM');
    });`;
    const routes = await file('good.yaml', 'legacy: http://127.0.0.1:9\n');
    const args = [
      ...plant(code),
      'dist/cli.js',
      'serve',
      '--routes',
      routes,
      ...freePorts,
      '--log-format',
      'json',
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanUp.push(() => end(child));
    let out = '';
    child.stdout!.on('data', (bytes: Buffer) => {
      out += bytes;
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(out).toContain('stopped before the start was done');
    expect(out).not.toContain('listening');
  });
});

describe('banyan serve, in between', () => {
  it('reads its routes file again on SIGHUP', async () => {
    const router = await started();
    const before = router.logs().length;
    process.kill(router.pid, 'SIGHUP');
    const line = await router.log((entry) => entry['msg'] === 'routes unchanged');
    expect(router.logs().indexOf(line)).toBeGreaterThanOrEqual(before);
    expect(await router.stop()).toBe(0);
  });

  it('goes on when its standard output is closed', async () => {
    const backend = await RawBackend.start((_, reply) => reply.send(200, [], 'here'));
    cleanUp.push(() => backend.stop());
    const routes = await file('closed.yaml', `legacy: ${backend.url}\n`);
    const args = ['dist/cli.js', 'serve', '--routes', routes, ...freePorts, '--log-format', 'json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    cleanUp.push(() => end(child));
    const { listen } = JSON.parse(await firstLine(child, 'listening')) as { listen: string };
    child.stdout!.destroy();
    for (let i = 0; i < 20; i++) expect((await fetch(`http://${listen}/`)).status).toBe(200);
    expect(child.exitCode).toBeNull();
  });
});

describe('banyan, when something throws that nobody catches', () => {
  it.each([
    ['uncaught exception', `process.on('SIGUSR2', () => { throw new Error('planted'); });`],
    ['unhandled rejection', `process.on('SIGUSR2', () => { Promise.reject(new Error('planted')); });`],
  ])('logs an %s with its stack and goes on serving', async (msg, code) => {
    const backend = await RawBackend.start((_, reply) => reply.send(200, [], 'here'));
    cleanUp.push(() => backend.stop());
    const router = await startRouter(`legacy: ${backend.url}\n`, { nodeFlags: plant(code) });
    cleanUp.push(() => router.stop('SIGKILL'));
    process.kill(router.pid, 'SIGUSR2');
    const line = await router.log((entry) => entry['msg'] === msg);
    expect(line).toMatchObject({
      level: 'fatal',
      err: { message: 'planted', stack: expect.stringContaining('at ') },
    });
    expect(await (await fetch(router.url)).text()).toBe('here');
    expect(await router.stop()).toBe(0);
  });

  it('exits 1 and says why before it serves', async () => {
    const code = `process.on('newListener', (name) => {
      if (name === 'SIGHUP') setImmediate(() => { throw new Error('planted'); });
    });`;
    const routes = await file('good.yaml', 'legacy: http://127.0.0.1:9\n');
    const args = [...plant(code), 'dist/cli.js', 'serve', '--routes', routes, ...freePorts];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    child.stderr.on('data', (bytes: Buffer) => {
      err += bytes;
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(err).toContain('banyan: uncaught exception: Error: planted');
  });
});

/** Flags that make Node run these lines before the command. */
function plant(code: string): string[] {
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

/** The first line of its output that holds this text. */
function firstLine(child: ChildProcess, wanted: string): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
    child.stdout!.on('data', (bytes: Buffer) => {
      text += bytes;
      const line = text.split('\n').find((each, i, all) => i < all.length - 1 && each.includes(wanted));
      if (line !== undefined) resolve(line);
    });
  });
}

function end(child: ChildProcess): Promise<unknown> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.kill('SIGKILL');
  return ended;
}
