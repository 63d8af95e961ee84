/**
 * The router, put together. This file alone knows all its parts:
 *
 *   routes.yaml ─▶ config ─▶ RouteTable (frozen; swapped whole; read once per exchange)
 *                                 │
 *   client ─▶ front ─▶ match ─▶ decide ─▶ forward ─▶ observe
 *                      Route    Decision   Outcome     one log line + metrics
 */
import type { Logger } from 'pino';
import { createAdmin } from './admin/create-admin.ts';
import { adminView } from './admin-view.ts';
import { isMountedFile } from './config/mounted-file.ts';
import type { ParseRoutes } from './config/parse-in-thread.ts';
import { RoutesSource } from './config/routes-source.ts';
import { Pools } from './forward/backend/pools.ts';
import { Forwarder } from './forward/forwarder.ts';
import { createFastifyFront } from './front/fastify-front.ts';
import { createWireFront } from './front/wire/wire-front.ts';
import { createCapacity } from './live/capacity.ts';
import { createEndpoints } from './live/create-endpoints.ts';
import type { LiveEndpoints } from './live/endpoints.ts';
import type { ClientExchange, Front } from './model/exchange.ts';
import { firstValue } from './model/header-list.ts';
import { formatAddress } from './model/listen-address.ts';
import { isRefused, type Refused } from './model/matched.ts';
import { VERSION } from './model/version.ts';
import { createAccessLog } from './observe/access-log.ts';
import type { LogSink } from './observe/log-sink.ts';
import { createMetrics } from './observe/metrics.ts';
import { observeAll } from './observe/observe-all.ts';
import { newRequestId, requestIdFor } from './observe/request-id.ts';
import { createTrustHints } from './observe/trust-hints.ts';
import { type InForce, isTakenBack, RoutesInForce } from './routes-in-force.ts';
import type { Settings } from './settings.ts';

/** What a router needs of the process. */
export interface RouterDeps {
  readonly logger: Logger;
  readonly sink: LogSink;
  readonly hasColors: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parse: ParseRoutes;
}

/** A router that serves. */
export interface RunningRouter {
  /** `HOST:PORT`, the real port when 0 was asked for. */
  readonly listen: string;
  readonly admin: string;
  reload(): void;
  /** `/readyz` says 503; requests are still taken. */
  notReady(): void;
  /** Takes no more connections; resolves when the last is gone. */
  drain(): Promise<void>;
  /** Cuts what is left, lets go of everything. */
  close(): Promise<void>;
}

/** How long `legacy_only` leaves a feature's upgrades and streams (docs/routes.md). */
const LEGACY_ONLY_GRACE_MS = 5_000;
/** How long the first questions to DNS may hold up a table, at the start too. */
const FIRST_DNS_MS = 200;

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
  private isDraining = false;
  private isReady = true;
  private readonly settings: Settings;
  private readonly deps: RouterDeps;
  private readonly endpoints: LiveEndpoints;
  private readonly capacity = createCapacity();
  private readonly pools = new Pools();
  private readonly metrics;
  private readonly observer;
  private readonly forwarder: Forwarder;
  private readonly adminListener;
  private readonly source: RoutesSource;
  private readonly routes: RoutesInForce;
  private front: Front | null = null;

  constructor(settings: Settings, deps: RouterDeps) {
    this.settings = settings;
    this.deps = deps;
    this.endpoints = createEndpoints({
      onNameChange: ({ host, problem, addresses }) => {
        if (problem === null) deps.logger.info({ host, addresses }, 'addresses changed');
        else
          deps.logger.warn(
            { host, problem, addresses },
            'a name cannot be resolved; known addresses stay in use',
          );
      },
    });
    this.metrics = createMetrics({
      version: VERSION,
      bucketsSeconds: settings.metricsBuckets,
      backends: () => this.endpoints.snapshot(),
      droppedLines: () => deps.sink.droppedLines(),
    });
    this.observer = observeAll([
      this.metrics,
      createAccessLog({
        sink: deps.sink,
        format: settings.logFormat,
        level: settings.logLevel,
        hasColors: deps.hasColors,
      }),
      createTrustHints({
        warn: (fields, message) => deps.logger.warn(fields, message),
        isTrusted: (address) => this.routes.current?.trust.contains(address) ?? false,
      }),
    ]);
    this.forwarder = new Forwarder({
      endpoints: this.endpoints,
      capacity: this.capacity,
      observer: this.observer,
      pools: this.pools,
      now: () => performance.now(),
      wallClock: Date.now,
      onFailedAttempt: ({ requestId, ...attempt }) =>
        deps.logger.debug({ request_id: requestId, ...attempt }, 'an attempt failed'),
    });
    this.routes = new RoutesInForce({
      comesIntoForce: (next) => this.useTable(next),
      reloaded: (report) => this.metrics.reloaded(report),
      log: deps.logger,
    });
    this.adminListener = createAdmin(
      adminView({
        adminHosts: settings.adminHosts,
        metrics: this.metrics,
        routes: this.routes,
        endpoints: this.endpoints,
        capacity: this.capacity,
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
    const { listen, admin } = this.settings;
    await this.warnOfMountedFile();
    const { report, table } = await this.source.load();
    await this.routes.apply(report, table);
    if (this.routes.current === null)
      throw new Error('the route table could not be put in force: the log says why');
    const createFront = this.settings.front === 'wire' ? createWireFront : createFastifyFront;
    this.front = await createFront({
      handler: (exchange) => this.handle(exchange),
      onRejected: (rejection) => this.observer.rejected(rejection),
      limits: frontLimits(this.settings),
      newRequestId,
      logger: this.deps.logger,
    });
    const clients = await this.front.listen(listen.host, listen.port);
    const own = await this.adminListener.listen(admin);
    this.listen = formatAddress(clients.address, clients.port);
    this.admin = formatAddress(own.host, own.port);
  }

  /** A bind mount of the file alone shows the old file for ever once an editor has replaced it by a rename. */
  private async warnOfMountedFile(): Promise<void> {
    const { routesFile } = this.settings;
    if (!(await isMountedFile(routesFile))) return;
    this.deps.logger.warn(
      { file: routesFile },
      'the routes file is mounted by itself: an edit that replaces it will not be seen. Mount its folder instead',
    );
  }

  reload(): void {
    void this.source.reload();
  }

  notReady(): void {
    this.isReady = false;
  }

  async drain(): Promise<void> {
    this.isReady = false;
    this.isDraining = true;
    this.forwarder.sendGoodbyes();
    await this.front?.drain();
  }

  async close(): Promise<void> {
    this.isReady = false;
    await this.source.close();
    this.forwarder.abortAll();
    // Who still waited for an answer is told so: those bytes leave in this turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await this.front?.close();
    await this.adminListener.close();
    this.pools.close();
    this.endpoints.close();
  }

  // The way of a request.

  /** One request: the table is read here, once, so that a reload cannot split it. */
  private handle(exchange: ClientExchange): void {
    const inForce = this.routes.current as InForce;
    const { trust, table } = inForce;
    const received = firstValue(exchange.head.headers, 'x-request-id');
    const requestId = requestIdFor(received, trust.contains(exchange.peer.address));
    const matched = inForce.matcher.match(exchange.traits);
    if (isRefused(matched)) {
      this.refuse(exchange, matched, requestId);
      return;
    }
    const decision = inForce.decisions.get(matched.route);
    if (decision === undefined) throw new Error(`no decision for route ${matched.route.name}`);
    this.forwarder.forward({ exchange, matched, decision, trust, requestId, debug: table.debugHeaders });
  }

  private refuse(exchange: ClientExchange, refused: Refused, requestId: string): void {
    const { head, peer, startedAt } = exchange;
    const userAgent = firstValue(head.headers, 'user-agent') ?? null;
    exchange.answer.onFinish = () =>
      this.observer.rejected({
        failure: refused.failure,
        peer,
        method: head.method,
        target: head.target,
        requestId,
        startedAt,
        userAgent,
      });
    exchange.answer.fail(refused.failure, requestId);
    this.deps.logger.debug(
      { request_id: requestId, failure: refused.failure, detail: refused.detail },
      'refused',
    );
  }

  // The way of a route table.

  private async useTable(next: InForce): Promise<void> {
    this.endpoints.tableChanged(next.table);
    // A new backend's first requests should find its addresses known.
    await this.endpoints.firstAnswers(FIRST_DNS_MS);
    this.capacity.tableChanged(next.table);
    this.observer.tableChanged(next.table);
    // `legacy_only` is at once for requests; upgrades and streams of the feature get some seconds.
    setTimeout(() => this.takeBack(next), LEGACY_ONLY_GRACE_MS).unref();
  }

  /** Ends what this table took back, if the table of now still does: each has had its full time. */
  private takeBack(since: InForce): void {
    const { current } = this.routes;
    if (current === null) return;
    this.forwarder.endLongLived((decision) => isTakenBack(decision, since) && isTakenBack(decision, current));
  }

  private readiness(): { ready: boolean; reason: string } {
    if (this.routes.current === null) return { ready: false, reason: 'no route table yet' };
    if (this.isDraining) return { ready: false, reason: 'draining' };
    return this.isReady ? { ready: true, reason: 'ok' } : { ready: false, reason: 'stopping' };
  }
}

function frontLimits(settings: Settings): Parameters<typeof createFastifyFront>[0]['limits'] {
  return {
    maxHeaderBytes: settings.maxHeaderSize,
    maxHeaders: settings.maxHeaders,
    maxUrlBytes: settings.maxUrl,
    headerTimeoutMs: settings.headerTimeoutMs,
    bodyTimeoutMs: settings.bodyTimeoutMs,
    keepAliveMs: settings.keepAliveMs,
    maxConnections: settings.maxConnections,
    maxConnectionsPerAddress: settings.maxConnectionsPerAddress,
  };
}
