/**
 * `banyan serve`: from the settings to a running router, and from a signal to its end.
 *
 *   SIGHUP             reads the routes file again
 *   SIGTERM, SIGINT    not ready ─▶ --shutdown-delay, still accepting ─▶ drain, at most --drain-timeout ─▶ exit 0
 *   the second one     exit 1, at once
 *   SIGUSR2            replaces the workers one by one (--workers)
 *
 * The handlers stand before anything else does: as PID 1 of a container a process without them cannot be stopped.
 */
import type { Logger } from 'pino';
import { formatIssue } from '../config/format-issue.ts';
import { UnusableCertificates } from '../model/certificate.ts';
import { UnusableRoutes } from '../model/unusable-routes.ts';
import { VERSION } from '../model/version.ts';
import { type Logs, openLogs } from '../open-logs.ts';
import { parseSettings, type Settings } from '../settings.ts';
import type { RunningRouter } from '../start-router.ts';
import { type CliIo, EXIT, hasColors } from './cli-io.ts';
import { explainListenError } from './listen-error.ts';

/** Starts a router. @throws UnusableRoutes, or the listener's error. */
export type StartRouter = (settings: Settings, logs: Logs) => Promise<RunningRouter>;

/** What serving hangs on. */
export interface ServeDeps {
  readonly io: CliIo;
  readonly start: StartRouter;
  /** Called with the log once the router serves: from then on a fault that nobody caught must not end it. */
  readonly onServing: (logger: Logger) => void;
}

/** How long a router may take to let go of everything: nothing of it outlives the process anyway. */
const CLOSE_MS = 1_000;
/** How long the last log lines may take to leave, ms. */
const FLUSH_MS = 1_000;

/** Serves until a signal; resolves with the exit code. */
export async function serve(flags: Readonly<Record<string, unknown>>, deps: ServeDeps): Promise<number> {
  const { io } = deps;
  const { settings, problems } = parseSettings({ flags, env: io.env, terminal: io.terminal });
  if (settings === null) {
    for (const problem of problems) io.err(`${problem}\n`);
    return EXIT.usage;
  }
  const logs = openLogs(settings, hasColors(io));
  const signals = watchSignals(io);
  try {
    return await serveUntilSignal(settings, { ...deps, logs, signals });
  } catch (error) {
    io.err(`${startFailure(error, settings)}\n`);
    const isConfig = error instanceof UnusableRoutes || error instanceof UnusableCertificates;
    return isConfig ? EXIT.badConfig : EXIT.failed;
  } finally {
    await logs.flush(FLUSH_MS);
  }
}

interface Signals {
  /** The first of SIGTERM and SIGINT. */
  readonly stop: Promise<string>;
  /** The second. */
  readonly force: Promise<string>;
}

function watchSignals(io: CliIo): Signals {
  const came: ((signal: string) => void)[] = [];
  const next = (): Promise<string> => new Promise((resolve) => came.push(resolve));
  const signals = { stop: next(), force: next() };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) io.onSignal(signal, () => came.shift()?.(signal));
  return signals;
}

async function serveUntilSignal(
  settings: Settings,
  { io, start, onServing, logs, signals }: ServeDeps & { readonly logs: Logs; readonly signals: Signals },
): Promise<number> {
  const { logger } = logs;
  const running: { router: RunningRouter | null } = { router: null };
  io.onSignal('SIGHUP', () => running.router?.reload());
  io.onSignal('SIGUSR2', () => running.router?.restartWorkers());
  const starting = start(settings, logs);
  const router = await Promise.race([starting, signals.stop]);
  if (typeof router === 'string') return endStart(starting, router, logger);
  running.router = router;
  onServing(logger);
  const { listen, admin } = router;
  const tls = router.tls === null ? {} : { tls: router.tls };
  const workers = settings.workers === 1 ? {} : { workers: settings.workers };
  logger.info({ listen, ...tls, admin, version: VERSION, ...workers }, 'listening');
  logger.info({ signal: await signals.stop, drain_timeout_ms: settings.drainTimeoutMs }, 'stopping');
  const forced = signals.force.then((signal) => {
    logger.warn({ signal }, 'stopped at once: the second signal');
    router.endAtOnce();
    return EXIT.failed;
  });
  return Promise.race([stop(router, settings, logger), forced]);
}

/** A signal before there was anything to stop. */
function endStart(starting: Promise<RunningRouter>, signal: string, logger: Logger): number {
  logger.info({ signal }, 'stopped before the start was done');
  starting.then((router) => router.close()).catch(() => {});
  return EXIT.ok;
}

async function stop(router: RunningRouter, settings: Settings, logger: Logger): Promise<number> {
  router.notReady();
  await wait(settings.shutdownDelayMs);
  const drained = router.drain().then(() => true);
  const inTime = await Promise.race([drained, wait(settings.drainTimeoutMs).then(() => false)]);
  if (!inTime) logger.warn('drain timeout: what is still in flight is cut');
  await Promise.race([router.close(), wait(CLOSE_MS)]);
  logger.info('stopped');
  return EXIT.ok;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function startFailure(error: unknown, settings: Settings): string {
  if (error instanceof UnusableRoutes) return error.issues.map((issue) => formatIssue(issue)).join('\n');
  if (error instanceof UnusableCertificates)
    return error.problems.map((problem) => `--tls-cert, --tls-key: ${problem}`).join('\n');
  return explainListenError(error, settings) ?? `banyan: ${(error as Error).stack ?? String(error)}`;
}
