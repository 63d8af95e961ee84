/**
 * A router from its start to its end: what is not on the way of a request.
 *
 *   routes file ─▶ RoutesSource ─▶ App.routes        (app.ts: what serves clients)
 *   admin listener ◀── adminView ── App
 *   start ─▶ ready ─▶ notReady ─▶ drain ─▶ close
 */
import { createAdmin } from './admin/create-admin.ts';
import { adminView } from './admin-view.ts';
import { App, type AppDeps } from './app.ts';
import type { ShadowKeeper } from './compare/shadow-keeper.ts';
import { CertificateSource, pairsOf } from './config/certificate-source.ts';
import { isMountedFile } from './config/mounted-file.ts';
import type { ParseRoutes } from './config/parse-in-thread.ts';
import { RoutesSource } from './config/routes-source.ts';
import { keepComparisons } from './keep-comparisons.ts';
import { keepRollbacks } from './keep-rollbacks.ts';
import type { RollbackKeeper } from './live/rollback-keeper.ts';
import type { CertificateSet } from './model/certificate.ts';
import { formatAddress } from './model/listen-address.ts';
import type { Settings } from './settings.ts';

/** What a router needs of the process. */
export interface RouterDeps extends AppDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parse: ParseRoutes;
}

/** A router that serves. */
export interface RunningRouter {
  /** `HOST:PORT`, the real port when 0 was asked for. */
  readonly listen: string;
  readonly admin: string;
  /** The same for clients that speak TLS; null: nobody listens for them. */
  readonly tls: string | null;
  /** Reads the routes file, and the certificates, again. */
  reload(): void;
  /** Replaces the worker processes one by one; nothing where there is one process. */
  restartWorkers(): void;
  /** `/readyz` says 503; requests are still taken. */
  notReady(): void;
  /** Takes no more connections; resolves when the last is gone. */
  drain(): Promise<void>;
  /** Cuts what is left, lets go of everything. */
  close(): Promise<void>;
  /** Ends other processes of the router, before this one exits. */
  endAtOnce(): void;
}

/**
 * Starts a router. @throws UnusableRoutes when there is no table to serve by; the listener's error when a port is taken.
 */
export async function startRouter(settings: Settings, deps: RouterDeps): Promise<RunningRouter> {
  const router = new Router(settings, deps);
  try {
    await router.start();
  } catch (error) {
    await router.close();
    throw error;
  }
  return router;
}

class Router implements RunningRouter {
  listen = '';
  admin = '';
  tls: string | null = null;
  private isDraining = false;
  private isReady = true;
  private readonly settings: Settings;
  private readonly deps: RouterDeps;
  private readonly app: App;
  private readonly rollback: RollbackKeeper;
  private readonly comparisons: ShadowKeeper;
  private readonly adminListener;
  private readonly source: RoutesSource;
  private readonly certificates: CertificateSource | null;

  constructor(settings: Settings, deps: RouterDeps) {
    this.settings = settings;
    this.deps = deps;
    const certificates = certificateSource(settings, deps.logger, (set) => this.app.useCertificates(set));
    this.certificates = certificates;
    this.app = new App(settings, {
      ...deps,
      onTable: (table) => {
        this.rollback.tableChanged(table);
        this.comparisons.tableChanged(table);
      },
      ...(certificates !== null && { certificates: () => certificates.status() }),
    });
    this.rollback = keepRollbacks(
      { stateDir: settings.stateDir, logger: deps.logger },
      {
        takeCounts: () => this.app.watch.take(),
        onChange: (rolledBack) => this.app.switches.use(rolledBack),
      },
    );
    this.comparisons = keepComparisons(
      { ...settings, logger: deps.logger },
      { takeReports: () => this.app.judge.take(), observer: this.app.metrics },
    );
    const { metrics, routes } = this.app;
    this.adminListener = createAdmin(
      adminView({
        adminHosts: settings.adminHosts,
        metrics,
        routes,
        live: () => this.app.live(),
        rollbacks: () => this.rollback.rollbacks.status(),
        shadows: () => this.comparisons.book.status(),
        readiness: () => this.readiness(),
      }),
    );
    this.source = new RoutesSource({
      file: settings.routesFile,
      stateDir: settings.stateDir,
      env: deps.env,
      parse: deps.parse,
      onReload: (report, table) => void routes.apply(report, table),
    });
  }

  async start(): Promise<void> {
    const { settings, deps, rollback, comparisons, source } = this;
    await putFirstInForce(settings, deps, { rollback, comparisons, source, routes: this.app.routes });
    if (this.certificates !== null) this.app.useCertificates(await this.certificates.load());
    const clients = await this.app.listen();
    const own = await this.adminListener.listen(this.settings.admin);
    this.listen = formatAddress(clients.address, clients.port);
    this.tls = clients.tls === null ? null : formatAddress(clients.tls.address, clients.tls.port);
    this.admin = formatAddress(own.host, own.port);
  }

  reload(): void {
    void this.source.reload();
    void this.certificates?.reload();
  }

  restartWorkers(): void {
    this.deps.logger.warn('there are no workers to replace: this router is one process (--workers)');
  }

  endAtOnce(): void {}

  notReady(): void {
    this.isReady = false;
  }

  async drain(): Promise<void> {
    this.isReady = false;
    this.isDraining = true;
    await this.app.drain();
  }

  async close(): Promise<void> {
    this.isReady = false;
    await this.source.close();
    await this.certificates?.close();
    await Promise.all([this.app.close(), this.adminListener.close(), this.rollback.close()]);
    await this.comparisons.close();
  }

  private readiness(): { ready: boolean; reason: string } {
    if (this.app.routes.current === null) return { ready: false, reason: 'no route table yet' };
    if (this.isDraining) return { ready: false, reason: 'draining' };
    return this.isReady ? { ready: true, reason: 'ok' } : { ready: false, reason: 'stopping' };
  }
}

/** The certificates of a router that speaks TLS to clients; null for one that does not. */
export function certificateSource(
  { tlsListen, tlsCertFiles, tlsKeyFiles }: Settings,
  log: AppDeps['logger'],
  onChange: (set: CertificateSet) => void,
): CertificateSource | null {
  if (tlsListen === null) return null;
  return new CertificateSource({ pairs: pairsOf(tlsCertFiles, tlsKeyFiles), log, onChange });
}

/** Takes up what was kept of a router before, and puts its first table in force. @throws UnusableRoutes */
export async function putFirstInForce(
  { routesFile }: Settings,
  { logger }: Pick<RouterDeps, 'logger'>,
  parts: {
    readonly rollback: RollbackKeeper;
    readonly comparisons: ShadowKeeper;
    readonly source: RoutesSource;
    readonly routes: App['routes'];
  },
): Promise<void> {
  // A bind mount of the file alone shows the old file for ever once an editor has replaced it by a rename.
  if (await isMountedFile(routesFile))
    logger.warn(
      { file: routesFile },
      'the routes file is mounted by itself: an edit that replaces it will not be seen. Mount its folder instead',
    );
  const { rollback, comparisons, source, routes } = parts;
  await Promise.all([rollback.restore(), comparisons.restore()]);
  const { report, table } = await source.load();
  await routes.apply(report, table);
  if (routes.current === null) throw new Error('the route table could not be put in force: the log says why');
}
