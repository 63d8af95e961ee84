import type { Backend, BackendUrl, Balance, Feature } from '../model/route-table.ts';
import { readBackendUrl } from './backend-url.ts';
import { DEFAULT_BACKEND, DEFAULT_STAGE, DEFAULT_TIMEOUTS, DEFAULT_TLS } from './defaults.ts';
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
    tls: {
      caFile: file.tls?.ca ?? DEFAULT_TLS.caFile,
      certFile: file.tls?.cert ?? DEFAULT_TLS.certFile,
      keyFile: file.tls?.key ?? DEFAULT_TLS.keyFile,
      serverName: file.tls?.server_name ?? DEFAULT_TLS.serverName,
      insecure: file.tls?.insecure ?? DEFAULT_TLS.insecure,
    },
  };
}

/** A feature with every default filled in. */
export function buildFeature(name: string, written: string | FeatureFile): Feature {
  const stage = typeof written === 'string' ? undefined : written.stage;
  return { name, stage: stage ?? DEFAULT_STAGE, backend: buildBackend(name, written) };
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
