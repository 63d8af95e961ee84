#!/usr/bin/env node
/**
 * The command `banyan`. This file alone touches the process: arguments, environment, signals, exit codes, standard
 * output, and faults that nobody caught. Everything else gets what it needs handed in.
 *
 * A fault that nobody caught is logged with its stack, loudly. While the router serves, the process then goes on: what
 * threw is one callback of one exchange, whose time limits end it, and thousands of others should not be cut for it,
 * nor should a request be found that takes the edge down at will. Anything else ends with exit code 1.
 */
import { hostname, networkInterfaces } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { Logger } from 'pino';
import { type CliIo, EXIT, hasColors } from './cli/cli-io.ts';
import type { StartRouter } from './cli/serve.ts';
import { ownPlaces } from './config/own-places.ts';
import type { ParseRoutes } from './config/parse-in-thread.ts';

/**
 * Where objects of one place in the code outlived a few collections, V8 makes the next ones in the old generation at
 * once. Those of a request live for its few milliseconds, but at the start, under load, that is longer than the time
 * between two collections; from then on each dead one kept all of its request (5 KB) for the next full collection. A
 * fifth to a third of the CPU of a small request was that copying.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

/** Built beside this file. */
const LOAD_WORKER = new URL('./load-worker.js', import.meta.url);

/** A worker does what its primary says, and leaves signals to it. */
const isWorker = process.argv[2] === 'worker';

/** A router that reads `${…}` of routes.yaml from this environment. Its parts are loaded when it starts. */
function startIn(env: CliIo['env']): StartRouter {
  return async (settings, logs) => {
    process.on('exit', logs.writeLastLines);
    const { LoadThread } = await import('./config/parse-in-thread.ts');
    const thread = new LoadThread(LOAD_WORKER);
    thread.prepare();
    const start =
      settings.workers === 1
        ? (await import('./start-router.ts')).startRouter
        : (await import('./workers/start-primary.ts')).startPrimary;
    const own = ownPlacesOf(settings);
    const parse: ParseRoutes = (input) => thread.parse({ ...input, own });
    return start(settings, { ...logs, hasColors: hasColors(io), env, parse });
  };
}

function ownPlacesOf(settings: Parameters<StartRouter>[0]): ReturnType<typeof ownPlaces> {
  const { listen, tlsListen, admin } = settings;
  const addresses = Object.values(networkInterfaces()).flatMap((some) =>
    (some ?? []).map((one) => one.address),
  );
  return ownPlaces({ listen, 'tls-listen': tlsListen, admin }, { name: hostname(), addresses });
}

type Signal = Parameters<CliIo['onSignal']>[0];
const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'];

/**
 * Signals that came before anybody listened. A router takes a moment to load, and must not be ended by a SIGHUP in it,
 * nor, as PID 1, be deaf to a SIGTERM.
 */
const early: Signal[] = [];
const listeners = new Map<Signal, () => void>();
if (process.argv[2] === 'serve' || process.argv[2] === 'demo') {
  for (const signal of SIGNALS) process.on(signal, () => take(signal));
}
if (isWorker) for (const signal of SIGNALS) process.on(signal, () => {});

function take(signal: Signal): void {
  const listener = listeners.get(signal);
  if (listener === undefined) early.push(signal);
  else listener();
}

function onSignal(signal: Signal, then: () => void): void {
  listeners.set(signal, then);
  for (const one of early.splice(0)) take(one);
}

const io: CliIo = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
  terminal: process.stdout.isTTY === true,
  onSignal,
};

/** The log while a router serves. */
const serving: { logger: Logger | null } = { logger: null };

function fault(kind: string, error: unknown): void {
  if (serving.logger !== null) {
    serving.logger.fatal({ err: error }, kind);
    return;
  }
  io.err(`banyan: ${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(EXIT.failed);
}

process.on('uncaughtException', (error) => fault('uncaught exception', error));
process.on('unhandledRejection', (reason) => fault('unhandled rejection', reason));
// The reader of our output left (`banyan explain … | head`): there is nobody to tell. A router goes on serving.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', () => {
    if (serving.logger === null) process.exit(EXIT.ok);
  });
}

/** How long what was written at the end may take to go out. */
const LAST_WORDS_MS = 1_000;

function onServing(logger: Logger): void {
  serving.logger = logger;
}

async function run(): Promise<number> {
  if (isWorker) {
    const { runWorker } = await import('./workers/run-worker.ts');
    return runWorker({ onServing, err: io.err });
  }
  const { runProgram } = await import('./cli/program.ts');
  const node = process.execPath;
  return runProgram(process.argv.slice(2), { io, startIn, cwd: process.cwd(), node, onServing });
}

const code = await run();
// Sockets that are still open must not keep a router that has ended; what was written must go out first, unless nobody
// reads it: then the callback never comes.
setTimeout(() => process.exit(code), LAST_WORDS_MS);
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
