import type {
  Backend,
  BackendUrl,
  Balance,
  Canary,
  ClientKey,
  Feature,
  Testers,
} from '../model/route-table.ts';
import { readBackendUrl } from './backend-url.ts';
import { buildAutoRollback, definitionOf } from './build-auto-rollback.ts';
import { buildFallback } from './build-fallback.ts';
import { buildBreaker, buildHealth } from './build-health.ts';
import { buildShadow } from './build-shadow.ts';
import {
  DEFAULT_BACKEND,
  DEFAULT_CANARY_BY,
  DEFAULT_STAGE,
  DEFAULT_TIMEOUTS,
  DEFAULT_TLS,
} from './defaults.ts';
import type { BackendFile } from './schema/backend-schema.ts';
import type { FeatureFile } from './schema/feature-schema.ts';

/** From what was written to what is complete: backends and features. The rules have passed before. */

/** A backend with every default filled in. */
export function buildBackend(name: string, written: string | BackendFile): Backend {
  const file = typeof written === 'string' ? { url: written } : written;
  return {
    name,
    urls: urlsOf(file).map(builtUrl),
    host: hostOf(file.host ?? DEFAULT_BACKEND.host),
    balance: balanceOf(file.balance ?? DEFAULT_BACKEND.balance),
    timeouts: {
      connectMs: file.timeouts?.connect ?? DEFAULT_TIMEOUTS.connectMs,
      responseMs: file.timeouts?.response ?? DEFAULT_TIMEOUTS.responseMs,
      idleMs: file.timeouts?.idle ?? DEFAULT_TIMEOUTS.idleMs,
    },
    maxInFlight: file.max_in_flight ?? DEFAULT_BACKEND.maxInFlight,
    queueMs: file.queue ?? DEFAULT_BACKEND.queueMs,
    holdWhileDownMs: file.hold_while_down ?? DEFAULT_BACKEND.holdWhileDownMs,
    health: buildHealth(file.health),
    breaker: buildBreaker(file.breaker, name !== 'legacy'),
    tls: {
      caFile: file.tls?.ca ?? DEFAULT_TLS.caFile,
      certFile: file.tls?.cert ?? DEFAULT_TLS.certFile,
      keyFile: file.tls?.key ?? DEFAULT_TLS.keyFile,
      serverName: file.tls?.server_name ?? DEFAULT_TLS.serverName,
      insecure: file.tls?.insecure ?? DEFAULT_TLS.insecure,
    },
    http2: file.http2 ?? DEFAULT_BACKEND.http2,
  };
}

/** A feature with every default filled in. */
export function buildFeature(name: string, written: string | FeatureFile): Feature {
  const file: Partial<FeatureFile> = typeof written === 'string' ? {} : written;
  return {
    name,
    stage: file.stage ?? DEFAULT_STAGE,
    backend: buildBackend(name, written),
    canary: file.canary === undefined ? null : canaryOf(file.canary),
    testers: file.testers === undefined ? null : testersOf(file.testers),
    fallback: buildFallback(file.fallback),
    autoRollback: buildAutoRollback(file.auto_rollback),
    shadow: buildShadow(file.shadow, file.stage),
    definition: definitionOf(written),
  };
}

/** The urls as written, `url` or `urls`. */
export function urlsOf(file: BackendFile): readonly string[] {
  return file.url !== undefined ? [file.url] : (file.urls ?? []);
}

function builtUrl(text: string): BackendUrl {
  const reading = readBackendUrl(text);
  if ('problem' in reading) throw new Error(`a url passed the rules and can't be read: ${reading.problem}`);
  return reading.url;
}

function hostOf(host: string): Backend['host'] {
  return host === 'keep' || host === 'backend' ? { kind: host } : { kind: 'name', name: host };
}

function balanceOf(balance: string): Balance {
  if (balance === 'ip' || balance === 'least_requests') return { kind: balance };
  return { kind: 'cookie', name: balance.slice('cookie:'.length) };
}

/** Percent with two decimals: times 100 it is a whole number but for the last bit. */
function canaryOf(file: NonNullable<FeatureFile['canary']>): Canary {
  return {
    shareHundredths: Math.round(file.share * 100),
    by: [file.by ?? DEFAULT_CANARY_BY].flat().map(clientKeyOf),
  };
}

function clientKeyOf(word: string): ClientKey {
  const [kind, name = ''] = word.split(/:(.*)/s);
  if (kind === 'header') return { kind, name: name.toLowerCase() };
  if (kind === 'ip') return { kind };
  return name === '' ? { kind: 'place' } : { kind: 'cookie', name };
}

function testersOf({ cookies = {}, headers = {} }: NonNullable<FeatureFile['testers']>): Testers {
  return {
    cookies: Object.entries(cookies),
    headers: Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  };
}
