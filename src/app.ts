/**
 * What serves clients, put together. This file alone knows all the parts of the way of a request:
 *
 *   routes.yaml ─▶ config ─▶ RouteTable (frozen; swapped whole; read once per exchange)
 *                                 │
 *   client ─▶ front ─▶ match ─▶ decide ─▶ forward ─▶ observe
 *                      Route    Decision   Outcome     one log line + metrics
 *
 * `exchange-handler.ts` has the way of a request through them, `bring-into-force.ts` that of a table;
 * `start-router.ts` adds what is not on a request's way: the routes file, the admin listener, start and end.
 */
import type { Logger } from 'pino';
import { bringIntoForce } from './bring-into-force.ts';
import { Judge } from './compare/judge.ts';
import { type Copies, createCopies } from './create-copies.ts';
import { createExchangeHandler } from './exchange-handler.ts';
import { createOpenApart } from './forward/backend/open-apart.ts';
import { Pools } from './forward/backend/pools.ts';
import { Forwarder } from './forward/forwarder.ts';
import { createAskApart } from './forward/http2/ask-apart.ts';
import { createFastifyFront } from './front/fastify-front.ts';
import { createHttp2Server } from './front/http2/http2-server.ts';
import { createWireFront } from './front/wire/wire-front.ts';
import { createCapacity } from './live/capacity.ts';
import { createEndpoints } from './live/create-endpoints.ts';
import type { NameChange } from './live/discovery.ts';
import type { LiveEndpoints } from './live/endpoints.ts';
import { createSwitches } from './live/feature-switches.ts';
import { FeatureWatch } from './live/feature-watch.ts';
import { createHeldBytes } from './live/held-bytes.ts';
import type { CertificateSet, CertificateStatus } from './model/certificate.ts';
import type { Front, FrontOptions, SecureFront } from './model/exchange.ts';
import { formatAddress } from './model/listen-address.ts';
import type { LiveView } from './model/live-view.ts';
import type { RouteTable } from './model/route-table.ts';
import { VERSION } from './model/version.ts';
import { createAccessLog } from './observe/access-log.ts';
import { FeatureUses } from './observe/feature-uses.ts';
import type { LogSink } from './observe/log-sink.ts';
import { createMetrics } from './observe/metrics.ts';
import { observeAll } from './observe/observe-all.ts';
import { RecentRefusals } from './observe/recent-refusals.ts';
import { newRequestId } from './observe/request-id.ts';
import { createTrustHints } from './observe/trust-hints.ts';
import { type ReloadListeners, RoutesInForce } from './routes-in-force.ts';
import type { Settings } from './settings.ts';

/** What serving needs of the process. */
export interface AppDeps {
  readonly logger: Logger;
  readonly sink: LogSink;
  readonly hasColors: boolean;
  /** Told of each table just before it decides. */
  readonly onTable?: (table: RouteTable) => void;
  /** How the certificates for clients stand, if there are any. Of several workers the primary knows. */
  readonly certificates?: () => CertificateStatus;
  /** Given to one of several workers. */
  readonly among?: AmongWorkers;
}

/** Takes lines for the router's log. */
export interface NewsLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What is different for one of several workers (docs/workers.md). */
export interface AmongWorkers {
  /** Takes what every worker finds out for itself, and is said once. */
  readonly news: NewsLog;
  /** Resolves when all workers are ready for the table that this one has just been made ready for. */
  readonly allReady: () => Promise<void>;
  /** Part of all requests that comes to this one, 0 … 1. */
  readonly portion: number;
}

/** Where clients are served. */
export interface Bound {
  readonly address: string;
  readonly port: number;
  /** Through TLS. */
  readonly tls: { readonly address: string; readonly port: number } | null;
}

/** A setting that does not fit the backend, and nothing that passes by itself. */
const NOT_HTTP2 = 'a backend is to be asked over HTTP/2 (http2: true) and does not speak it';

/** Serves clients by the table in force. Apply a table, and certificates where TLS is spoken, before `listen`. */
export class App {
  private readonly endpoints: LiveEndpoints;
  private readonly capacity = createCapacity();
  private readonly heldBytes;
  readonly metrics;
  private readonly uses = new FeatureUses();
  private readonly refusals = new RecentRefusals();
  /** Counts for auto_rollback, whose owner takes them. */
  readonly watch = new FeatureWatch();
  /** Compares answers, and counts; the owner of comparisons takes the counts. */
  readonly judge: Judge;
  /** Thrown by the owner of auto_rollback. */
  readonly switches = createSwitches();
  readonly routes: RoutesInForce;
  private readonly settings: Settings;
  private readonly logger: Logger;
  private readonly news: NewsLog;
  private readonly pools = new Pools();
  private readonly observer;
  private readonly forwarder: Forwarder;
  private readonly copies: Copies;
  private front: Front | null = null;
  private secureFront: SecureFront | null = null;
  private certificates: CertificateSet | null = null;

  constructor(settings: Settings, deps: AppDeps) {
    this.settings = settings;
    this.heldBytes = createHeldBytes(settings.maxBuffered);
    this.logger = deps.logger;
    this.news = deps.among?.news ?? deps.logger;
    this.judge = new Judge({
      onFault: (error) => deps.logger.error({ err: error }, 'comparing two answers failed'),
    });
    this.endpoints = createEndpoints({
      onNameChange: (change) => this.tellNameChange(change),
      onNews: ({ level, fields, message }) => this.news[level](fields, message),
      openConnection: createOpenApart(),
      askOverHttp2: createAskApart(),
    });
    this.metrics = createMetrics({
      version: VERSION,
      bucketsSeconds: settings.metricsBuckets,
      backends: () => this.endpoints.snapshot(),
      droppedLines: () => deps.sink.droppedLines(),
      featureShare: (feature) => this.routes.shareOf(feature),
      isRolledBack: ({ name }) => this.switches.of(name).isRolledBack,
      ...(deps.certificates !== undefined && { certificates: deps.certificates }),
    });
    this.observer = observeAll([
      this.metrics,
      this.uses,
      this.refusals,
      this.watch,
      { tableChanged: (table) => deps.onTable?.(table) },
      createAccessLog({
        sink: deps.sink,
        format: settings.logFormat,
        level: settings.logLevel,
        sampleShare: settings.logSample,
        hasColors: deps.hasColors,
      }),
      createTrustHints({
        warn: (fields, message) => this.news.warn(fields, message),
        isTrusted: (address) => this.routes.current?.trust.contains(address) ?? false,
      }),
    ]);
    this.pools.onOtherProtocol = ({ backend, address, port }, detail) =>
      this.news.warn({ backend, endpoint: formatAddress(address, port), detail }, NOT_HTTP2);
    this.forwarder = new Forwarder({
      endpoints: this.endpoints,
      capacity: this.capacity,
      observer: this.observer,
      pools: this.pools,
      heldBytes: this.heldBytes,
      ...(deps.among !== undefined && { portion: deps.among.portion }),
      now: () => performance.now(),
      wallClock: Date.now,
      onFailedAttempt: ({ requestId, ...attempt }) =>
        deps.logger.debug({ request_id: requestId, ...attempt }, 'an attempt failed'),
    });
    this.copies = createCopies({
      endpoints: this.endpoints.apart,
      judge: this.judge,
      observer: this.metrics,
      memory: this.heldBytes,
      maxHeld: settings.maxBuffered / 2,
      onFailedAttempt: ({ requestId, ...attempt }) =>
        deps.logger.debug({ request_id: requestId, ...attempt }, 'a copy failed'),
      onFault: (error) => deps.logger.error({ err: error }, 'a fault in a copy'),
    });
    this.routes = new RoutesInForce(
      {
        comesIntoForce: async (next) => {
          await bringIntoForce(next, this.partsThatFollow());
          await deps.among?.allReady();
        },
        // Of several workers none tells or counts a reload: the primary does.
        reloaded: (report) => (deps.among === undefined ? this.metrics.reloaded(report) : undefined),
        log: deps.among === undefined ? deps.logger : onlyErrors(deps.logger),
      },
      this.switches,
    );
  }

  /** Begins to take connections. @throws the listener's error when a port is taken. */
  async listen(): Promise<Bound> {
    await this.createFront();
    const { listen, tlsListen } = this.settings;
    const plain = await (this.front as Front).listen(listen.host, listen.port);
    const { secureFront, certificates } = this;
    if (tlsListen === null || secureFront === null || certificates === null) return { ...plain, tls: null };
    secureFront.useCertificates(certificates);
    return { ...plain, tls: await secureFront.listenTls(tlsListen.host, tlsListen.port) };
  }

  /** Certificates for handshakes from here on. @throws OpenSSL's error; then the former ones stay */
  useCertificates(set: CertificateSet): void {
    this.secureFront?.useCertificates(set);
    this.certificates = set;
  }

  /** Of clients, open now. */
  get connections(): number {
    return this.front?.connections ?? 0;
  }

  /** Takes no more connections; resolves when the last is gone. */
  async drain(): Promise<void> {
    this.forwarder.sendGoodbyes();
    await this.front?.drain();
  }

  /** Cuts what is left, lets go of everything. */
  async close(): Promise<void> {
    this.copies.close();
    await this.judge.close();
    this.forwarder.abortAll();
    // Who still waited for an answer is told so: those bytes leave in this turn of the loop.
    await new Promise((resolve) => setImmediate(resolve));
    await this.front?.close();
    this.pools.close();
    this.endpoints.close();
  }

  /** How everything that changes by itself stands now. */
  live(): LiveView {
    const { endpoints, capacity, forwarder, uses } = this;
    return {
      backends: endpoints.snapshot(),
      capacities: capacity.snapshot(),
      open: forwarder.open(),
      uses: uses.snapshot(),
      refusals: this.refusals.snapshot(),
    };
  }

  private async createFront(): Promise<void> {
    const options: FrontOptions = {
      handler: createExchangeHandler({
        routes: this.routes,
        forwarder: this.forwarder,
        copies: this.copies,
        observer: this.observer,
        logger: this.logger,
        redirectPort: this.settings.tlsRedirectPort,
      }),
      onRejected: (rejection) => this.observer.rejected(rejection),
      heldBytes: this.heldBytes,
      limits: frontLimits(this.settings),
      newRequestId,
      logger: this.logger,
    };
    this.secureFront =
      this.settings.front === 'wire' ? await createWireFront(options, createHttp2Server(options)) : null;
    this.front = this.secureFront ?? (await createFastifyFront(options));
  }

  private partsThatFollow(): Parameters<typeof bringIntoForce>[1] {
    const { endpoints, capacity, observer, forwarder } = this;
    return { endpoints, capacity, observer, forwarder, current: () => this.routes.current };
  }

  private tellNameChange({ host, problem, addresses }: NameChange): void {
    if (problem === null) this.news.info({ host, addresses }, 'addresses changed');
    else
      this.news.warn({ host, problem, addresses }, 'a name cannot be resolved; known addresses stay in use');
  }
}

function onlyErrors(logger: Logger): ReloadListeners['log'] {
  return { info: () => {}, warn: () => {}, error: (fields, message) => logger.error(fields, message) };
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
