/**
 * `npm run bench`: what a small proxied request costs, in about a minute, on 127.0.0.1 only. The router, the bare
 * @fastify/http-proxy and a bare relay of bytes take turns before the same backend, so that a machine that is busy for
 * a moment is busy for all of them; medians of the rounds are shown. CPU is what the proxy's own process used
 * (/proc/PID/stat). Then bench/match.mjs, the cost of matching.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runLoad } from './load.mjs';

const ROUNDS = 4;
const ROUND_MS = 1_200;
const START_MS = 15_000;
const CONNECTIONS = 32;
/** Of the kernel's clock, in which /proc/PID/stat counts. */
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const root = path.resolve(import.meta.dirname, '..');
const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
const children = [];

/** Starts a process and gives what it printed first that `read` understands; what it prints later is thrown away. */
async function start(args, read) {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const port = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)));
    let text = '';
    child.stdout.on('data', function look(bytes) {
      text += bytes;
      const found = read(text);
      if (!found) return;
      child.stdout.off('data', look);
      child.stdout.resume();
      resolve(Number(found));
    });
  });
  return { port, pid: child.pid };
}

function peer(name, ...args) {
  return start(
    [path.join(root, 'bench/peers', name), ...args.map(String)],
    (text) => /^(\d+)\n/.exec(text)?.[1],
  );
}

/** On a port chosen beforehand: with LOG_LEVEL=warn it does not say where it listens. */
async function router(backendPort, env) {
  const routes = path.join(folder, 'routes.yaml');
  await writeFile(
    routes,
    `legacy: http://127.0.0.1:${backendPort}\nfeatures:\n  orders: http://127.0.0.1:${backendPort}\nroutes:\n  - match:\n      prefix: /api/orders\n    to: orders\n`,
  );
  const port = await freePort();
  const cli = path.join(root, 'dist/cli.js');
  const child = spawn(
    process.execPath,
    [cli, 'serve', '--routes', routes, '--listen', `127.0.0.1:${port}`, '--admin', '127.0.0.1:0'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LOG_FORMAT: 'json', ...env } },
  );
  children.push(child);
  child.stdout.resume();
  for (const end = Date.now() + START_MS; !(await accepts(port)); await sleep(50)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error('the router did not start');
  }
  return { port, pid: child.pid };
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** CPU seconds that a process has used. */
async function cpuSeconds(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

async function measure({ port, pid }, request) {
  const [cpu, from] = [await cpuSeconds(pid), performance.now()];
  const { answered, failed, latencies } = await runLoad({
    port,
    request,
    connections: CONNECTIONS,
    ms: ROUND_MS,
  });
  const seconds = (performance.now() - from) / 1000;
  return {
    failed,
    rate: answered / seconds,
    cpuMicroseconds: (((await cpuSeconds(pid)) - cpu) / answered) * 1e6,
    p50: latencies[Math.floor(latencies.length / 2)],
    p99: latencies[Math.floor(latencies.length * 0.99)],
  };
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function row(name, rounds) {
  const of = (key, digits) => median(rounds.map((round) => round[key])).toFixed(digits);
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return `| ${name} | ${of('rate', 0)} | ${of('cpuMicroseconds', 0)} | ${of('p50', 2)} | ${of('p99', 2)} | ${failed} |`;
}

const REQUESTS = {
  'GET, 200 bytes back': Buffer.from(
    'GET /api/orders/7?page=2 HTTP/1.1\r\nHost: shop.example\r\nAccept: application/json\r\nUser-Agent: bench\r\nCookie: session=abcdef0123456789\r\n\r\n',
  ),
  'POST of 1 KiB': Buffer.from(
    `POST /api/orders HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n${'j'.repeat(1024)}`,
  ),
};

async function compare() {
  const backend = await peer('backend.mjs');
  const proxies = {
    'Banyan, wire front': await router(backend.port),
    'Banyan, Fastify front': await router(backend.port, { FRONT: 'fastify' }),
    'the same, no access log': await router(backend.port, { LOG_LEVEL: 'warn' }),
    '@fastify/http-proxy alone': await peer('plugin.mjs', backend.port),
    'bare relay of bytes': await peer('relay.mjs', backend.port),
    'the backend, no proxy': backend,
  };
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; ${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s each, in turn; medians.\n`,
  );
  for (const [what, request] of Object.entries(REQUESTS)) {
    const rounds = Object.fromEntries(Object.keys(proxies).map((name) => [name, []]));
    for (const proxy of Object.values(proxies))
      await runLoad({ port: proxy.port, request, connections: CONNECTIONS, ms: 500 });
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, proxy] of Object.entries(proxies)) rounds[name].push(await measure(proxy, request));
    }
    console.log(
      `| ${what} | requests/s | CPU µs/request | p50 ms | p99 ms | failed |\n|---|---:|---:|---:|---:|---:|`,
    );
    for (const [name, results] of Object.entries(rounds)) console.log(row(name, results));
    console.log('');
  }
}

try {
  if (!existsSync(path.join(root, 'dist/cli.js')))
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  await compare();
} finally {
  for (const child of children) child.kill();
  await rm(folder, { recursive: true, force: true });
}
const match = path.join(root, 'bench/match.mjs');
if (existsSync(match)) execFileSync(process.execPath, [match], { cwd: root, stdio: 'inherit' });
