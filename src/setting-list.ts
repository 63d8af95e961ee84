/**
 * Every setting: its flag, its variable, its default, and how its text is read. The command line, docs/settings.md and
 * {@link parseSettings} all follow this list.
 *
 * What a setting says belongs to the process and needs a restart; everything that takes effect at once is in
 * routes.yaml.
 */
import { LOG_FORMATS, LOG_LEVELS } from './model/log-format.ts';
import {
  address,
  buckets,
  count,
  countAboveZero,
  duration,
  hostName,
  percentage,
  redirectPort,
  sizeAboveZero,
  text,
  words,
  workers,
} from './setting-readers.ts';

/** One setting. */
export interface Setting<Value> {
  /** Without its dashes. */
  readonly flag: string;
  readonly variable: string;
  /** What stands for the value in the usage: `HOST:PORT`. */
  readonly argument: string;
  /** As it would be written; '' for none. */
  readonly standard: string;
  readonly help: string;
  /** The flag alone is enough: then its text is `true`. */
  readonly hasOptionalValue: boolean;
  /** May be given more than once; a variable holds the values with commas between. */
  readonly repeats: boolean;
  /** @throws UnreadableSetting */
  readonly read: (text: string) => Value;
}

type MayBeLeftOut = 'variable' | 'repeats' | 'standard' | 'hasOptionalValue';

type Details = Omit<Setting<unknown>, 'flag' | 'read' | MayBeLeftOut> &
  Partial<Pick<Setting<unknown>, MayBeLeftOut>>;

function setting<Value>(flag: string, read: (text: string) => Value, details: Details): Setting<Value> {
  const variable = flag.toUpperCase().replaceAll('-', '_');
  return { flag, variable, standard: '', repeats: false, hasOptionalValue: false, read, ...details };
}

/** Every setting that this version has, in the order of the documentation, by its name in {@link Settings}. */
export const SETTINGS = {
  routesFile: setting('routes', text, {
    variable: 'ROUTES_FILE',
    argument: 'FILE',
    standard: './routes.yaml',
    help: 'the routes file',
  }),
  listen: setting('listen', address, {
    argument: 'HOST:PORT',
    standard: '0.0.0.0:8080',
    help: 'where clients are served; port 0 takes any free one',
  }),
  tlsListen: setting('tls-listen', address, {
    argument: 'HOST:PORT',
    help: 'where clients are served through TLS, beside --listen',
  }),
  tlsCertFiles: setting('tls-cert', text, {
    argument: 'FILE',
    repeats: true,
    help: 'a certificate with its chain, PEM (may be given again: each client gets the one for its host)',
  }),
  tlsKeyFiles: setting('tls-key', text, {
    argument: 'FILE',
    repeats: true,
    help: 'the key of the certificate at the same place, PEM',
  }),
  tlsRedirectPort: setting('tls-redirect', redirectPort, {
    argument: 'PORT',
    hasOptionalValue: true,
    help: 'send plain requests to https, at this public port (443)',
  }),
  admin: setting('admin', address, {
    variable: 'ADMIN_LISTEN',
    argument: 'HOST:PORT',
    standard: '127.0.0.1:9901',
    help: 'the admin listener: metrics, health, what is in force',
  }),
  adminHosts: setting('admin-host', hostName, {
    argument: 'NAME',
    repeats: true,
    help: 'a further name that the admin listener answers to (may be given again)',
  }),
  stateDir: setting('state', text, {
    variable: 'STATE_DIR',
    argument: 'FOLDER',
    help: 'where the last good table, what was rolled back and what was compared is kept for the next start',
  }),
  front: setting('front', words(['wire', 'fastify']), {
    argument: 'NAME',
    standard: 'wire',
    help: 'what speaks to clients: wire or fastify',
  }),
  workers: setting('workers', workers, {
    argument: 'COUNT',
    standard: '1',
    help: 'processes that serve; auto: one for each core',
  }),
  drainTimeoutMs: setting('drain-timeout', duration, {
    argument: 'DURATION',
    standard: '8s',
    help: 'how long requests in flight may take to finish after SIGTERM',
  }),
  shutdownDelayMs: setting('shutdown-delay', duration, {
    argument: 'DURATION',
    standard: '0s',
    help: 'how long to go on accepting after SIGTERM, not ready, before the drain',
  }),
  logLevel: setting('log-level', words(LOG_LEVELS), {
    argument: 'LEVEL',
    standard: 'info',
    help: LOG_LEVELS.join(', '),
  }),
  logFormat: setting('log-format', words(LOG_FORMATS), {
    argument: 'FORMAT',
    help: `${LOG_FORMATS.join(', ')}; pretty on a terminal, else json`,
  }),
  logSample: setting('log-sample', percentage, {
    argument: 'PERCENT',
    standard: '100%',
    help: 'share of the 2xx lines that are written; all others always are',
  }),
  maxHeaderSize: setting('max-header-size', sizeAboveZero, {
    argument: 'SIZE',
    standard: '32KiB',
    help: 'bytes of a request’s head (431 above it)',
  }),
  maxHeaders: setting('max-headers', countAboveZero, {
    argument: 'COUNT',
    standard: '200',
    help: 'header fields of a request (431 above it)',
  }),
  maxUrl: setting('max-url', sizeAboveZero, {
    argument: 'SIZE',
    standard: '16KiB',
    help: 'bytes of a request’s target (414 above it)',
  }),
  headerTimeoutMs: setting('header-timeout', duration, {
    argument: 'DURATION',
    standard: '10s',
    help: 'how long a client may take to send a head (408 after it); 0: no limit',
  }),
  bodyTimeoutMs: setting('body-timeout', duration, {
    argument: 'DURATION',
    standard: '30s',
    help: 'how long a client may pause within a body (408 after it); 0: no limit',
  }),
  keepAliveMs: setting('keep-alive', duration, {
    argument: 'DURATION',
    standard: '75s',
    help: 'how long an idle client connection stays open',
  }),
  maxConnections: setting('max-connections', count, {
    argument: 'COUNT',
    standard: '0',
    help: 'client connections at a time; 0: no limit',
  }),
  maxConnectionsPerAddress: setting('max-connections-per-address', count, {
    argument: 'COUNT',
    standard: '0',
    help: 'client connections at a time from one address; 0: no limit',
  }),
  maxBuffered: setting('max-buffered', sizeAboveZero, {
    argument: 'SIZE',
    standard: '64MiB',
    help: 'what everything that is held together may be: shadow copies, kept bodies, what clients send ahead',
  }),
  mismatchLog: setting('mismatch-log', sizeAboveZero, {
    argument: 'SIZE',
    help: 'keep so much of what shadow finds different as JSON lines in --state, redacted; nothing if not given',
  }),
  metricsBuckets: setting('metrics-buckets', buckets, {
    argument: 'SECONDS,…',
    standard: '0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10,30',
    help: 'upper bounds of the duration histograms, in seconds',
  }),
};
