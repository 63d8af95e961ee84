import { Resolver } from 'node:dns/promises';

/** One answer to one question. `none`: there is no such name, or no address of this family. */
export type DnsAnswer =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly code: string };

/** Asks for a full name's addresses of one family. Never throws, and ends within a few seconds. */
export type AskDns = (name: string, family: 4 | 6) => Promise<DnsAnswer>;

/** How a question is asked. */
export interface AskOptions {
  /** Name servers, as {@link ResolvConf} has them. */
  readonly servers: readonly string[];
  /** For the first try; the second waits twice as long. */
  readonly timeoutMs: number;
  readonly tries: number;
}

const NONE = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * Asks by c-ares, not by `dns.lookup`: getaddrinfo holds one of libuv's four threads while a name server is silent,
 * and a few such names stall every file read and every other lookup of the process.
 */
export function createAskDns(options: AskOptions): AskDns {
  const resolver = new Resolver({ timeout: options.timeoutMs, tries: options.tries });
  resolver.setServers(options.servers);
  return async (name, family) => {
    try {
      const addresses = await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name));
      return addresses.length > 0 ? { kind: 'addresses', addresses } : { kind: 'none' };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
      return NONE.has(code) ? { kind: 'none' } : { kind: 'failed', code };
    }
  };
}
