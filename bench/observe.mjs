// What metrics and access log cost together for one small request: started, attempted, finished, a million times, with
// outcomes as they come in practice, and the log on standard output as the router has it. Prints microseconds of CPU
// per request, of all threads (what writes and collects garbage included), to standard error.
//   node bench/observe.mjs [CASE] > /dev/null;  node bench/observe.mjs [CASE] | cat > /dev/null
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROUNDS = 5;
const REQUESTS = 200_000;
/** Requests of one turn of the event loop: what a busy router has ready to read at a time. */
const PER_TURN = 50;
const PER_FLUSH = 20_000;
const ONLY = process.argv[2];
const FORMAT = process.env.LOG_FORMAT ?? 'json';

const root = new URL('..', import.meta.url).pathname;
const parts = await load();

/** Compiles what is measured, so that the bench runs the source and not an older dist/. */
async function load() {
  const result = await build({
    stdin: {
      contents: `export { createAccessLog } from './src/observe/access-log.ts';
        export { createLogSink } from './src/observe/log-sink.ts';
        export { createMetrics } from './src/observe/metrics.ts';
        export { createTrustHints } from './src/observe/trust-hints.ts';
        export { observeAll } from './src/observe/observe-all.ts';
        export { newRequestId } from './src/observe/request-id.ts';
        export { decisionOf, outcomeOf } from './test/observe/samples.ts';
        export { tableOf } from './test/support/table.ts';`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(`${root}x.js`)});`,
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'banyan-bench-'));
  try {
    const file = join(folder, 'observe.mjs');
    await writeFile(file, result.outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const table = parts.tableOf([
  ...Array.from({ length: 200 }, (_, i) => ({ name: `r${i}`, prefix: `/r${i}`, to: 'orders' })),
  { name: 'orders', prefix: '/api/orders', to: 'orders' },
]);
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'curl/8.5.0',
  'okhttp/4.12.0',
];
const decisions = ['orders', 'r3', 'r150', '(default)'].map((name) => parts.decisionOf(table, name));

/** Requests in the proportions of a shop: mostly GET with 200, from many clients, one in four with a query. */
function requestAt(i) {
  const decision = decisions[i & 3];
  const query = (i & 3) === 0 ? `?page=${i % 97}&size=20` : '';
  return {
    decision,
    head: {
      method: i % 10 === 0 ? 'POST' : 'GET',
      target: `/api/orders/${i % 10_007}${query}`,
      minorVersion: 1,
      headers: ['Host', 'shop.test', 'Accept', 'application/json', 'User-Agent', AGENTS[(i >> 2) & 3]],
    },
    client: `192.0.2.${i & 255}`,
    status: i % 50 === 0 ? 404 : 200,
  };
}
const requests = Array.from({ length: 4_096 }, (_, i) => requestAt(i));

const sink = parts.createLogSink({ fd: 1 });
const metrics = parts.createMetrics({ version: 'bench', includeProcess: false });
const log = parts.createAccessLog({ sink, format: FORMAT, level: 'info' });
const hints = parts.createTrustHints({ warn: () => {}, isTrusted: () => false });

function serveOne(observer, i, newId) {
  const { decision, head, client, status } = requests[i & 4_095];
  observer.started(decision);
  observer.attempted({
    route: decision.route,
    backend: decision.backend,
    purpose: 'serve',
    result: status,
    headMs: 0.8 + (i & 7),
  });
  observer.finished({
    requestId: newId(),
    time: Date.now(),
    head,
    peer: { address: client, port: 50_000, secure: false },
    client,
    decision,
    status,
    failure: null,
    backend: decision.backend.name,
    endpoint: '10.0.0.5:3000',
    attempts: 1,
    durationMs: 1.234567 + (i & 15) * 0.731,
    backendMs: 0.8 + (i & 7) * 0.517,
    bytesIn: 0,
    bytesOut: 150,
    upgraded: false,
    eventStream: false,
  });
}

/** Keeps the last of each, so that the compiler cannot leave out making them: that is the forwarder's work. */
const nothing = {
  started(decision) {
    this.decision = decision;
  },
  attempted(attempt) {
    this.attempt = attempt;
  },
  finished(outcome) {
    this.outcome = outcome;
  },
};
const constantId = () => '0b5b0a1c-7b3e-4d62-9a55-1b1a1c1d1e1f';
const cases = {
  'nothing (the loop itself)': [nothing, constantId],
  'request id': [nothing, parts.newRequestId],
  metrics: [parts.observeAll([metrics]), constantId],
  'access log': [parts.observeAll([log]), constantId],
  'all of it': [parts.observeAll([metrics, log, hints]), parts.newRequestId],
};
metrics.tableChanged(table);

async function measure([observer, newId]) {
  const from = process.cpuUsage();
  for (let i = 0; i < REQUESTS; ) {
    for (let turn = 0; turn < PER_TURN; turn++) serveOne(observer, i++, newId);
    await new Promise((resolve) => setImmediate(resolve));
    // Faster than any router: the reader must keep up, or lines are dropped, which costs less than writing them.
    if (i % PER_FLUSH === 0) await sink.flush(10_000);
  }
  await sink.flush(10_000);
  const { user, system } = process.cpuUsage(from);
  return (user + system) / REQUESTS;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

const figures = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, one] of Object.entries(cases)) {
    if (ONLY !== undefined && !name.startsWith(ONLY) && !name.startsWith('nothing')) continue;
    const figure = await measure(one);
    if (round >= 0) figures[name].push(figure);
  }
}
const empty = median(figures['nothing (the loop itself)']);
for (const [name, rounds] of Object.entries(figures)) {
  if (rounds.length === 0) continue;
  const net = name.startsWith('nothing') ? empty : median(rounds) - empty;
  process.stderr.write(`${name.padEnd(28)} ${net.toFixed(2)} µs\n`);
}
process.stderr.write(`log lines dropped: ${sink.droppedLines()}\n`);
