import type { AskOverHttp2, OpenConnection } from '../model/ports.ts';
import { type AskDns, createAskDns } from './ask-dns.ts';
import { createCheckEndpoint } from './check-endpoint.ts';
import { createDiscovery, type NameChange } from './discovery.ts';
import { type NewsLine, newsLine } from './endpoint-news.ts';
import { createLiveEndpoints, type LiveEndpoints } from './endpoints.ts';
import { parseHosts } from './hosts-file.ts';
import { limitParallel } from './limit-parallel.ts';
import { askByTcp } from './probes.ts';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';
import { resolveName } from './resolve-name.ts';
import { watchFile } from './watched-file.ts';

/** What the rest of the router gives, and what may be told to differ for tests. */
export interface CreateEndpointsOptions {
  /** For the log. */
  readonly onNameChange?: (change: NameChange) => void;
  /** For the log: an endpoint changed. */
  readonly onNews?: (line: NewsLine) => void;
  /** How endpoints are checked, as requests reach them. */
  readonly openConnection?: OpenConnection;
  readonly askOverHttp2?: AskOverHttp2;
  readonly hostsFile?: string;
  readonly resolvConfFile?: string;
  /** How often each name is asked for. */
  readonly everyMs?: number;
  /** How long the first question may take; a second one waits twice as long. */
  readonly dnsTimeoutMs?: number;
  readonly lingerMs?: number;
}

/** Endpoints as the process has them: names through the hosts file and DNS, real clocks, real chance. */
export function createEndpoints(options: CreateEndpointsOptions = {}): LiveEndpoints {
  const checkEveryMs = 500;
  const hosts = watchFile({ path: options.hostsFile ?? '/etc/hosts', parse: parseHosts, checkEveryMs });
  const resolvConf = watchFile({
    path: options.resolvConfFile ?? '/etc/resolv.conf',
    parse: parseResolvConf,
    checkEveryMs,
  });
  const askOf = askerOf(options.dnsTimeoutMs ?? 1_000);
  const now = (): number => performance.now();
  const discovery = createDiscovery({
    resolve: async (host, last) => {
      const conf = await resolvConf.content();
      const known = { hosts: await hosts.content(), resolvConf: conf, ask: askOf(conf), otherFamilyMs: 100 };
      return resolveName(host, last, known);
    },
    everyMs: options.everyMs ?? 2_000,
    minGapMs: Math.min(250, options.everyMs ?? 2_000),
    random: Math.random,
    now,
    time: Date.now,
    onChange: options.onNameChange ?? (() => {}),
  });
  return createLiveEndpoints({
    discovery,
    random: Math.random,
    now,
    time: Date.now,
    ask: askByTcp,
    check: createCheckEndpoint(options.openConnection ?? openNone, options.askOverHttp2 ?? askNone),
    onNews: (endpoint, news) => options.onNews?.(newsLine(endpoint, news)),
    lingerMs: options.lingerMs ?? 10_000,
  });
}

/** For whom no endpoint is checked. */
const openNone: OpenConnection = () => {
  throw new Error('an endpoint is to be checked and nobody said how connections are opened');
};

const askNone: AskOverHttp2 = () => {
  throw new Error('an endpoint is to be checked over HTTP/2 and nobody said how that is asked');
};

/** Open at a time. */
const MOST_QUESTIONS = 128;

/** One resolver as long as resolv.conf names the same servers: they cannot be changed while questions are open. */
function askerOf(timeoutMs: number): (conf: ResolvConf) => AskDns {
  let servers: readonly string[] = [];
  let ask: AskDns | null = null;
  return (conf) => {
    if (ask === null || conf.servers.join() !== servers.join()) {
      ask = limitParallel(MOST_QUESTIONS, createAskDns({ servers: conf.servers, timeoutMs, tries: 2 }));
      servers = conf.servers;
    }
    return ask;
  };
}
