/**
 * The primary of several workers: it serves no client itself. It holds the listening socket and hands out connections
 * (node:cluster), reads the routes file once for all, answers on the admin listener, writes the log, and keeps the
 * workers going.
 *
 *   routes file ─▶ RoutesSource ─▶ TablePush ─▶ App of each worker
 *   admin listener ◀── adminView ◀── CrewMetrics, LiveView ◀── workers
 *   clients ─▶ listening socket ─▶ worker 1 … N       Crew: who has to be there
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdmin } from '../admin/create-admin.ts';
import { adminView } from '../admin-view.ts';
import type { ShadowKeeper } from '../compare/shadow-keeper.ts';
import type { CertificateSource } from '../config/certificate-source.ts';
import { RoutesSource } from '../config/routes-source.ts';
import { keepComparisons } from '../keep-comparisons.ts';
import { keepRollbacks } from '../keep-rollbacks.ts';
import { createSwitches } from '../live/feature-switches.ts';
import type { RollbackKeeper } from '../live/rollback-keeper.ts';
import type { CertificateSet } from '../model/certificate.ts';
import { formatAddress } from '../model/listen-address.ts';
import type { LiveView } from '../model/live-view.ts';
import type { RouteTable } from '../model/route-table.ts';
import { VERSION } from '../model/version.ts';
import type { LogSink } from '../observe/log-sink.ts';
import { createMetrics } from '../observe/metrics.ts';
import { RoutesInForce } from '../routes-in-force.ts';
import type { Settings } from '../settings.ts';
import { certificateSource, putFirstInForce, type RouterDeps, type RunningRouter } from '../start-router.ts';
import { ConnectionDealer } from './connection-dealer.ts';
import { Crew } from './crew.ts';
import { CrewMetrics } from './crew-metrics.ts';
import {
  drainWorker,
  endWorker,
  forkWorker,
  type Launch,
  type LaunchedWorker,
  launchWorker,
  prepareWorkers,
} from './launch-worker.ts';
import { mergeLive } from './merge-live.ts';
import type { PrimaryNote, ToPrimary } from './messages.ts';
import { NewsDesk } from './news-desk.ts';
import { limitsBelowWorkers } from './shares.ts';
import { TablePush } from './table-push.ts';
import type { WorkerLink } from './worker-link.ts';

/** What the primary needs of the process. */
export interface PrimaryDeps extends RouterDeps {
  readonly errorSink: LogSink;
}

/** How long a worker may take to say how its backends stand. */
const LIVE_MS = 1_000;

/** Starts a router of several workers. @throws UnusableRoutes; the listener's error when a port is taken. */
export async function startPrimary(settings: Settings, deps: PrimaryDeps): Promise<RunningRouter> {
  const primary = new Primary(settings, deps);
  try {
    await primary.start();
  } catch (error) {
    primary.endAtOnce();
    await primary.close();
    throw error;
  }
  return primary;
}

class Primary implements RunningRouter {
  listen = '';
  admin = '';
  tls: string | null = null;
  private readonly settings: Settings;
  private readonly deps: PrimaryDeps;
  private readonly links = new Set<WorkerLink>();
  private readonly tables = new TablePush();
  private readonly dealer = new ConnectionDealer();
  private readonly crew: Crew;
  private readonly metrics;
  private readonly crewMetrics: CrewMetrics;
  private readonly routes: RoutesInForce;
  private readonly source: RoutesSource;
  private readonly adminListener;
  private readonly news: NewsDesk;
  private readonly switches = createSwitches();
  private readonly rollback: RollbackKeeper;
  private readonly comparisons: ShadowKeeper;
  private rolledBack: PrimaryNote = { kind: 'rolled_back', features: [] };
  private readonly certificates: CertificateSource | null;
  private shown: PrimaryNote | null = null;
  private bound: Pick<LaunchedWorker, 'address' | 'port' | 'tls'> | null = null;
  private isDraining = false;
  private isReady = true;

  constructor(settings: Settings, deps: PrimaryDeps) {
    this.settings = settings;
    this.deps = deps;
    const { logger, sink } = deps;
    this.news = new NewsDesk(logger);
    const certificates = certificateSource(settings, logger, (set) => this.useCertificates(set));
    this.certificates = certificates;
    this.metrics = createMetrics({
      ...(certificates !== null && { certificates: () => certificates.status() }),
      version: VERSION,
      bucketsSeconds: settings.metricsBuckets,
      droppedLines: () => sink.droppedLines(),
      featureShare: (feature) => this.routes.shareOf(feature),
      isRolledBack: ({ name }) => this.switches.of(name).isRolledBack,
    });
    this.rollback = keepRollbacks(
      { stateDir: settings.stateDir, logger },
      {
        // Workers tell by themselves what they counted.
        takeCounts: () => [],
        onChange: (rolledBack) => this.useRollbacks(rolledBack),
      },
    );
    this.comparisons = keepComparisons(
      { ...settings, logger },
      { takeReports: () => [], observer: this.metrics },
    );
    this.crewMetrics = new CrewMetrics(this.metrics, () => ({
      configured: settings.workers,
      serving: this.crew.members.length,
      replaced: this.crew.replaced,
    }));
    this.crew = new Crew({
      workers: settings.workers,
      launch: (worker) => this.launch(worker),
      log: logger,
      now: () => performance.now(),
      wait: (ms) => sleep(ms, undefined, { ref: false }),
    });
    this.routes = new RoutesInForce(
      {
        comesIntoForce: ({ table }) => this.bringIntoForce(table),
        reloaded: (report) => this.metrics.reloaded(report),
        log: logger,
      },
      this.switches,
    );
    this.adminListener = createAdmin(
      adminView({
        adminHosts: settings.adminHosts,
        metrics: this.crewMetrics,
        routes: this.routes,
        live: () => this.askLive(),
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
      onReload: (report, table) => void this.routes.apply(report, table),
    });
  }

  async start(): Promise<void> {
    const { settings, deps, rollback, comparisons, source, routes } = this;
    await putFirstInForce(settings, deps, { rollback, comparisons, source, routes });
    if (this.certificates !== null) this.useCertificates(await this.certificates.load());
    prepareWorkers();
    await this.crew.start();
    if (this.bound === null) throw new Error('no worker said where it listens');
    const own = await this.adminListener.listen(this.settings.admin);
    this.listen = formatAddress(this.bound.address, this.bound.port);
    const { tls } = this.bound;
    this.tls = tls === null ? null : formatAddress(tls.address, tls.port);
    this.admin = formatAddress(own.host, own.port);
  }

  reload(): void {
    void this.source.reload();
    void this.certificates?.reload();
  }

  restartWorkers(): void {
    void this.crew.restart();
  }

  notReady(): void {
    this.isReady = false;
  }

  async drain(): Promise<void> {
    this.isReady = false;
    this.isDraining = true;
    this.crew.stop();
    await Promise.all([...this.links].map((link) => drainWorker(link, 2 ** 31 - 1)));
  }

  async close(): Promise<void> {
    this.isReady = false;
    this.crew.stop();
    await this.source.close();
    await this.certificates?.close();
    await Promise.all([...this.links].map((link) => endWorker(link, this.crewMetrics)));
    await this.adminListener.close();
    await Promise.all([this.rollback.close(), this.comparisons.close()]);
  }

  endAtOnce(): void {
    this.crew.stop();
    for (const link of this.links) link.kill();
  }

  private async launch(worker: number): Promise<LaunchedWorker> {
    const { settings, deps, tables, crewMetrics, dealer } = this;
    const launch: Launch = {
      settings,
      hasColors: deps.hasColors,
      sink: deps.sink,
      errorSink: deps.errorSink,
      tables,
      metrics: crewMetrics,
      dealer,
      notes: () => [this.rolledBack, ...(this.shown === null ? [] : [this.shown])],
      onMessage: (from, message) => this.take(from, message),
    };
    const link = forkWorker(launch);
    this.links.add(link);
    void link.ended.then(() => this.links.delete(link));
    const launched = await launchWorker(worker, link, launch);
    this.bound = launched;
    return launched;
  }

  private take(worker: number, message: ToPrimary): void {
    if (message.kind === 'news') this.news.take(worker, message.news);
    if (message.kind !== 'note') return;
    if (message.note.kind === 'feature_counts') this.rollback.rollbacks.add(message.note.counts);
    else this.comparisons.add(message.note.reports);
  }

  /** What auto_rollback decided holds here, for what the admin listener shows, and in every worker. */
  private useRollbacks(rolledBack: ReadonlySet<string>): void {
    this.switches.use(rolledBack);
    this.rolledBack = { kind: 'rolled_back', features: [...rolledBack] };
    for (const link of this.links) link.tell({ kind: 'note', note: this.rolledBack });
  }

  private useCertificates(set: CertificateSet): void {
    this.shown = { kind: 'certificates', set };
    for (const link of this.links) link.tell({ kind: 'note', note: this.shown });
  }

  private async bringIntoForce(table: RouteTable): Promise<void> {
    await this.tables.push(table);
    // After it: a feature whose edited block goes back to legacy must not get requests by the old one before.
    this.rollback.tableChanged(table);
    this.comparisons.tableChanged(table);
    this.metrics.tableChanged(table);
    for (const warning of limitsBelowWorkers(table, this.settings.workers)) this.deps.logger.warn(warning);
  }

  private async askLive(): Promise<LiveView> {
    const wanted = { answers: ['live'], limitMs: LIVE_MS } as const;
    const answers = await Promise.all(
      [...this.links].map((link) => link.ask({ kind: 'live_wanted' }, wanted).catch(() => null)),
    );
    return mergeLive(answers.flatMap((answer) => (answer === null ? [] : [answer.live])));
  }

  private readiness(): { ready: boolean; reason: string } {
    if (this.routes.current === null) return { ready: false, reason: 'no route table yet' };
    if (this.isDraining) return { ready: false, reason: 'draining' };
    if (!this.isReady) return { ready: false, reason: 'stopping' };
    const serving = this.crew.members.length;
    const { workers } = this.settings;
    return serving < workers
      ? { ready: false, reason: `${serving} of ${workers} workers serve` }
      : { ready: true, reason: 'ok' };
  }
}
