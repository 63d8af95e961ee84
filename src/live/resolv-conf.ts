import { isIP } from 'node:net';

/** What resolv.conf(5) says, as far as we follow it. */
export interface ResolvConf {
  /** Name servers, perhaps with a port: `127.0.0.11`, `[::1]:5353`. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  /** A name with at least so many dots is asked as it stands before the search list is tried. */
  readonly ndots: number;
}

/** Reads a resolv.conf. Without a server the one on this machine is asked, as resolv.conf(5) says. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined && isServer(values[0])) servers.push(values[0]);
    // The last of `search` and `domain` wins.
    if (keyword === 'search' || keyword === 'domain') search = values.map(withoutDot).filter((x) => x !== '');
    if (keyword === 'options') ndots = ndotsOf(values) ?? ndots;
  }
  return { servers: servers.length > 0 ? servers : ['127.0.0.1'], search, ndots };
}

/** The full names to ask for a name, in order (resolv.conf(5), `ndots`). A trailing dot means: as it stands. */
export function candidatesOf(name: string, { search, ndots }: ResolvConf): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

function isServer(text: string): boolean {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+)(?::\d+)?$/.exec(text)?.[1] ?? text;
  return isIP(address) !== 0;
}

function withoutDot(domain: string): string {
  return domain.replace(/\.$/, '').toLowerCase();
}

function ndotsOf(options: readonly string[]): number | null {
  for (const option of options) {
    const digits = /^ndots:(\d+)$/.exec(option)?.[1];
    if (digits !== undefined) return Math.min(Number(digits), 15);
  }
  return null;
}
