import { Counter, Gauge, Registry } from 'prom-client';
import { type BackendStatus, ENDPOINT_STATES } from '../model/backend-status.ts';
import type { CertificateStatus } from '../model/certificate.ts';
import type { Rejection } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import type { ReloadReport } from '../model/loaded.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RouteTable } from '../model/route-table.ts';
import { addCertificateMetrics } from './certificate-metrics.ts';
import { addProcessMetrics } from './process-metrics.ts';
import { ProtocolCounts } from './protocol-counts.ts';

/**
 * The metrics of the router as a whole, few series each: here prom-client is at home. What grows with the routes is
 * not kept here, since its text is made in one go.
 */

/** Where values come from that others keep; asked at each scrape. */
export interface RouterMetricsSources {
  readonly version: string;
  readonly backends: () => readonly BackendStatus[];
  readonly droppedLines: () => number;
  /** False leaves out `process_*` and `nodejs_*`, which start observers of the whole process. */
  readonly includeProcess: boolean;
  /** null: no TLS for clients. */
  readonly certificates: (() => CertificateStatus) | null;
}

/** What a request may be refused for before its route is known; counted as 0 from the start. */
const REFUSALS: readonly Failure[] = [
  'malformed_request',
  'ambiguous_path',
  'ambiguous_query',
  'header_too_large',
  'url_too_long',
  'request_timeout',
  'bad_version',
  'bad_method',
  'loop',
  'plain_http',
  'tls_handshake',
  'over_capacity',
  'draining',
];

/** Counters and gauges without a route in their labels. */
export class RouterMetrics {
  readonly #registry = new Registry();
  readonly #sources: RouterMetricsSources;
  readonly #rejected: Counter<'reason'>;
  readonly #reloads: Counter<'result'>;
  readonly #reloadOk: Gauge;
  readonly #reloadTime: Gauge;
  readonly #configInfo: Gauge<'revision'>;
  readonly #legacyOnly: Gauge;
  readonly #protocols: ProtocolCounts;

  constructor(sources: RouterMetricsSources) {
    this.#sources = sources;
    const registers = [this.#registry];
    this.#rejected = new Counter({
      name: 'banyan_rejected_requests_total',
      help: 'Requests refused before a route was known.',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of REFUSALS) this.#rejected.inc({ reason }, 0);
    this.#reloads = new Counter({
      name: 'banyan_config_reloads_total',
      help: 'Readings of the routes file, the first one included.',
      labelNames: ['result'],
      registers,
    });
    for (const result of ['applied', 'unchanged', 'rejected']) this.#reloads.inc({ result }, 0);
    this.#reloadOk = new Gauge({
      name: 'banyan_config_last_reload_successful',
      help: '1 if the routes file as it stands is in force, 0 if it was rejected.',
      registers,
    });
    this.#reloadTime = new Gauge({
      name: 'banyan_config_last_reload_success_timestamp_seconds',
      help: 'When the routes file was last read without an error.',
      registers,
    });
    this.#configInfo = new Gauge({
      name: 'banyan_config_info',
      help: '1, with the revision of the table in force.',
      labelNames: ['revision'],
      registers,
    });
    this.#legacyOnly = new Gauge({
      name: 'banyan_legacy_only',
      help: '1 while legacy_only or a LEGACY_ONLY file names anything.',
      registers,
    });
    this.#protocols = new ProtocolCounts(this.#registry);
    this.#addAskedGauges();
    if (sources.certificates !== null) addCertificateMetrics(this.#registry, sources.certificates);
    if (sources.includeProcess) addProcessMetrics(this.#registry);
  }

  tableChanged(table: RouteTable): void {
    const { everything, features, routes } = table.legacyOnly;
    this.#legacyOnly.set(everything || features.length > 0 || routes.length > 0 ? 1 : 0);
    this.#configInfo.reset();
    this.#configInfo.set({ revision: table.revision }, 1);
  }

  /** An exchange is over. */
  finished(outcome: Outcome): void {
    this.#protocols.count(outcome.head);
  }

  rejected(rejection: Rejection): void {
    this.#rejected.inc({ reason: rejection.failure });
  }

  reloaded(report: ReloadReport): void {
    this.#reloads.inc({ result: report.result });
    const isGood = report.result !== 'rejected';
    this.#reloadOk.set(isGood ? 1 : 0);
    if (isGood) this.#reloadTime.set(report.time / 1000);
  }

  /** Their text, in one piece: it does not grow with the routes. */
  async text(): Promise<string> {
    const text = await this.#registry.metrics();
    // prom-client writes `Nan`, which strict readers refuse.
    return text.replace(/ Nan$/gm, ' NaN');
  }

  #addAskedGauges(): void {
    const { version, backends, droppedLines } = this.#sources;
    const registers = [this.#registry];
    const build = new Gauge({
      name: 'banyan_build_info',
      help: '1, with the version of the router and of Node.',
      labelNames: ['version', 'node_version'],
      registers,
    });
    build.set({ version, node_version: process.version }, 1);
    new Counter({
      name: 'banyan_log_lines_dropped_total',
      help: 'Log lines given up because nothing took them.',
      registers,
      collect() {
        this.reset();
        this.inc(droppedLines());
      },
    });
    new Gauge({
      name: 'banyan_backend_endpoints',
      help: 'Endpoints of each backend by state.',
      labelNames: ['backend', 'state'],
      registers,
      collect() {
        this.reset();
        for (const status of backends()) setCounts(this, status);
      },
    });
    new Gauge({
      name: 'banyan_backend_info',
      help: '1 for what is spoken to each backend: http/1.1, h2 or h2c.',
      labelNames: ['backend', 'protocol'],
      registers,
      collect() {
        this.reset();
        for (const { backend, protocols } of backends())
          for (const protocol of protocols) this.set({ backend, protocol }, 1);
      },
    });
  }
}

/** Every state of every backend, 0 too: an alert on `available == 0` needs a series to look at. */
function setCounts(gauge: Gauge<'backend' | 'state'>, { backend, endpoints }: BackendStatus): void {
  for (const state of ENDPOINT_STATES) {
    gauge.set({ backend, state }, endpoints.filter((endpoint) => endpoint.state === state).length);
  }
}
