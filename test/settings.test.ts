import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETTINGS, type Setting } from '../src/setting-list.ts';
import { flagKey, parseSettings } from '../src/settings.ts';

function parse(flags: Record<string, unknown> = {}, env: Record<string, string> = {}, terminal = false) {
  return parseSettings({ flags, env, terminal });
}

function problems(flags: Record<string, unknown>, env: Record<string, string> = {}): readonly string[] {
  return parse(flags, env).problems;
}

describe('parseSettings', () => {
  it('is complete without a word', () => {
    const { settings } = parse();
    expect(settings).toEqual({
      routesFile: './routes.yaml',
      listen: { host: '0.0.0.0', port: 8080 },
      tlsListen: null,
      tlsCertFiles: [],
      tlsKeyFiles: [],
      tlsRedirectPort: null,
      admin: { host: '127.0.0.1', port: 9901 },
      adminHosts: [],
      stateDir: null,
      front: 'wire',
      workers: 1,
      drainTimeoutMs: 8_000,
      shutdownDelayMs: 0,
      logLevel: 'info',
      logFormat: 'json',
      logSample: 1,
      maxHeaderSize: 32_768,
      maxHeaders: 200,
      maxUrl: 16_384,
      headerTimeoutMs: 10_000,
      bodyTimeoutMs: 30_000,
      keepAliveMs: 75_000,
      maxConnections: 0,
      maxConnectionsPerAddress: 0,
      mismatchLog: null,
      maxBuffered: 64 * 1024 * 1024,
      metricsBuckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  it.each([
    [true, 443],
    ['true', 443],
    ['8443', 8443],
    ['false', null],
  ])('reads --tls-redirect %s as %s', (tlsRedirect, port) => {
    const tls = { tlsListen: ':8443', tlsCert: ['a.pem'], tlsKey: ['a.key'] };
    expect(parse({ ...tls, tlsRedirect }).settings).toMatchObject({
      tlsListen: { host: '0.0.0.0', port: 8443 },
      tlsCertFiles: ['a.pem'],
      tlsKeyFiles: ['a.key'],
      tlsRedirectPort: port,
    });
  });

  it('takes certificates from variables, with commas', () => {
    const env = { TLS_LISTEN: ':1', TLS_CERT: 'a.pem, b.pem', TLS_KEY: 'a.key,b.key' };
    const { settings } = parse({}, env);
    expect([settings?.tlsCertFiles, settings?.tlsKeyFiles]).toEqual([
      ['a.pem', 'b.pem'],
      ['a.key', 'b.key'],
    ]);
  });

  it('takes the flag over the variable over the default', () => {
    expect(parse({ listen: '127.0.0.1:1' }, { LISTEN: '127.0.0.1:2' }).settings?.listen.port).toBe(1);
    expect(parse({}, { LISTEN: '127.0.0.1:2' }).settings?.listen.port).toBe(2);
    expect(parse({}, { LISTEN: '' }).settings?.listen.port).toBe(8080);
  });

  it('logs for people on a terminal, unless told otherwise', () => {
    expect(parse({}, {}, true).settings?.logFormat).toBe('pretty');
    expect(parse({}, { LOG_FORMAT: 'combined' }, true).settings?.logFormat).toBe('combined');
  });

  it.each([
    ['[::]:8080', '::', 8080],
    ['[::1]:0', '::1', 0],
    [':9000', '0.0.0.0', 9000],
    ['localhost:80', 'localhost', 80],
  ])('listens on %s', (text, host, port) => {
    expect(parse({ listen: text }).settings?.listen).toEqual({ host, port });
  });

  it.each([
    ['4', 4],
    ['auto', availableParallelism()],
  ])('starts workers: %s', (text, workers) => {
    expect(parse({ workers: text }).settings?.workers).toBe(workers);
  });

  it.each([
    ['10%', 0.1],
    ['0.5%', 0.005],
    ['0%', 0],
    ['100%', 1],
  ])('samples %s', (text, share) => {
    expect(parse({ logSample: text }).settings?.logSample).toBe(share);
  });

  it('takes admin hosts from repeated flags, or a variable with commas', () => {
    expect(parse({ adminHost: ['A.example', 'b.example.'] }).settings?.adminHosts).toEqual([
      'a.example',
      'b.example',
    ]);
    expect(parse({}, { ADMIN_HOST: 'a.example, b.example' }).settings?.adminHosts).toEqual([
      'a.example',
      'b.example',
    ]);
  });

  it.each<[Record<string, unknown>, Record<string, string>, string]>([
    [{ listen: '0.0.0.0:99999' }, {}, '--listen: "0.0.0.0:99999" is not a port (0–65535)'],
    [{ listen: '0.0.0.0:' }, {}, '--listen: "0.0.0.0:" is not a port (0–65535)'],
    [
      { listen: '8080' },
      {},
      '--listen: "8080" is not an address to listen on (HOST:PORT, [IPv6]:PORT or :PORT)',
    ],
    [
      { listen: '::1:80' },
      {},
      '--listen: "::1:80" is not an address to listen on (HOST:PORT, [IPv6]:PORT or :PORT)',
    ],
    [{ listen: '[1.2.3.4]:80' }, {}, '--listen: "[1.2.3.4]:80" has no IPv6 address in its brackets'],
    [{ listen: '0.0.0:80' }, {}, '--listen: "0.0.0:80" has no valid host'],
    [{ listen: '' }, {}, '--listen: "" is empty'],
    [{}, { ADMIN_LISTEN: 'x y:1' }, 'ADMIN_LISTEN: "x y:1" has no valid host'],
    [{ admin: '127.0.0.1:8080' }, {}, '--admin: "127.0.0.1:8080" is taken by --listen'],
    [{ adminHost: ['a.example:80'] }, {}, '--admin-host: "a.example:80" is not a host name (without a port)'],
    [{}, { DRAIN_TIMEOUT: '8' }, 'DRAIN_TIMEOUT: "8" is not a duration (500ms, 2s, 1m; at most 24d)'],
    [{ keepAlive: '25d' }, {}, '--keep-alive: "25d" is not a duration (500ms, 2s, 1m; at most 24d)'],
    [{ maxUrl: '16 KB' }, {}, '--max-url: "16 KB" is not a size (512, 32KiB, 10MiB)'],
    [{ maxHeaderSize: '0' }, {}, '--max-header-size: "0" must be at least 1 byte'],
    [{ maxHeaders: '0' }, {}, '--max-headers: "0" must be at least 1'],
    [{ maxConnections: '-1' }, {}, '--max-connections: "-1" is not a whole number (0 or more)'],
    [
      {},
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL: "loud" is not one of trace, debug, info, warn, error, fatal, silent',
    ],
    [{ logFormat: 'xml' }, {}, '--log-format: "xml" is not one of json, pretty, combined'],
    [{}, { LOG_SAMPLE: '0.1' }, 'LOG_SAMPLE: "0.1" is not a percentage (0% to 100%, as 10% or 0.5%)'],
    [{ logSample: '101%' }, {}, '--log-sample: "101%" is not a percentage (0% to 100%, as 10% or 0.5%)'],
    [{ logSample: '-1%' }, {}, '--log-sample: "-1%" is not a percentage (0% to 100%, as 10% or 0.5%)'],
    [{ front: 'nginx' }, {}, '--front: "nginx" is not one of wire, fastify'],
    [{ workers: 'all' }, {}, '--workers: "all" is not a number of processes (1 or more), nor auto'],
    [{}, { WORKERS: '1.5' }, 'WORKERS: "1.5" is not a number of processes (1 or more), nor auto'],
    [{ workers: '0' }, {}, '--workers: "0" must be at least 1'],
    [{ workers: '513' }, {}, '--workers: "513" is more than 512'],
    [
      { metricsBuckets: '1,1' },
      {},
      '--metrics-buckets: "1,1" is not a list of ascending seconds (0.01,0.1,1; at most 50)',
    ],
    [
      { metricsBuckets: '0,1' },
      {},
      '--metrics-buckets: "0,1" is not a list of ascending seconds (0.01,0.1,1; at most 50)',
    ],
    [{ maxBuffered: '0' }, {}, '--max-buffered: "0" must be at least 1 byte'],
    [{ mismatchLog: '1MiB' }, {}, '--mismatch-log: needs --state, the folder for it'],
    [{ tlsListen: ':8443' }, {}, '--tls-listen: needs --tls-cert and --tls-key'],
    [{ tlsCert: ['a'], tlsKey: ['b'] }, {}, '--tls-cert: needs --tls-listen'],
    [
      { tlsListen: ':1', tlsCert: ['a', 'b'] },
      { TLS_KEY: 'c' },
      '--tls-key: 2 --tls-cert and 1 --tls-key: each certificate has its own key, in the same order',
    ],
    [
      { tlsListen: ':8080', tlsCert: ['a'], tlsKey: ['b'] },
      {},
      '--tls-listen: "0.0.0.0:8080" is taken by --listen',
    ],
    [
      { tlsListen: ':9901', tlsCert: ['a'], tlsKey: ['b'] },
      {},
      '--tls-listen: "0.0.0.0:9901" is taken by --admin',
    ],
    [
      { tlsListen: ':1', tlsCert: ['a'], tlsKey: ['b'], front: 'fastify' },
      {},
      '--tls-listen: needs --front wire',
    ],
    [{ tlsRedirect: true }, {}, '--tls-redirect: needs --tls-listen'],
    [{ tlsRedirect: 'x' }, {}, '--tls-redirect: "x" is not a port (1–65535), nor true or false'],
  ])('refuses %j %j: %s', (flags, env, message) => {
    expect(problems(flags, env)).toEqual([message]);
  });

  it('says everything that is wrong at once', () => {
    expect(problems({ listen: 'x', maxUrl: 'y' }, { WORKERS: 'z' })).toHaveLength(3);
  });

  it.each([
    ['0.0.0.0:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', '[::]:80', true],
    ['10.0.0.1:80', '127.0.0.1:80', false],
    ['127.0.0.1:0', '127.0.0.1:0', false],
  ])('knows whether %s takes %s away', (listen, admin, isTaken) => {
    expect(problems({ listen, admin }).length > 0).toBe(isTaken);
  });

  it('names every flag as its variable, but for those that are named otherwise', () => {
    const named = Object.values<Setting<unknown>>(SETTINGS).filter(
      ({ flag, variable }) => variable !== flag.toUpperCase().replaceAll('-', '_'),
    );
    expect(named.map(({ flag }) => flag)).toEqual(['routes', 'admin', 'state']);
    expect(flagKey('max-connections-per-address')).toBe('maxConnectionsPerAddress');
  });
});

describe('docs/settings.md', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../docs/settings.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `--([a-z-]+)` \| `([A-Z_]+)` \| (?:`([^`]+)`|–) \|/gm)];

  it('has a row for each setting with its variable and default, and none else, in the same order', () => {
    const documented = rows.map(([, flag, variable, standard]) => [flag, variable, standard ?? '']);
    const settings = Object.values<Setting<unknown>>(SETTINGS);
    expect(documented).toEqual(settings.map(({ flag, variable, standard }) => [flag, variable, standard]));
  });
});
