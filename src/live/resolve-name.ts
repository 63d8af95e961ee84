/**
 * From a name to its addresses, as libc would find them, but without libc: the hosts file, then DNS with resolv.conf's
 * search list, both families.
 *
 * What differs from libc serves a router that asks for the same name for weeks. A name that was once answered as
 * `orders.shop.internal` never becomes `orders.example.com` because the first is missing for a while: a container
 * being recreated must not send its requests to whoever owns a wildcard further down the search list.
 */
import type { AskDns, DnsAnswer } from './ask-dns.ts';
import type { Hosts } from './hosts-file.ts';
import { candidatesOf, type ResolvConf } from './resolv-conf.ts';

/** What a name was found to be; each family sorted, together at least one address. */
export interface Resolved {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
  /** The full name that was answered; `hosts` for the hosts file. */
  readonly answeredAs: string;
}

/** Why it was not found: c-ares' code; `ENOTFOUND` also when the name has no address. */
export interface NotResolved {
  readonly problem: string;
}

/** What resolving one name needs. */
export interface ResolveNameOptions {
  readonly hosts: Hosts;
  readonly resolvConf: ResolvConf;
  readonly ask: AskDns;
  /** How long one family waits for the other once it has addresses; the late one is taken next time. */
  readonly otherFamilyMs: number;
}

/** Finds a name's addresses. `last` is what was found before: a family whose question fails keeps its addresses. */
export async function resolveName(
  name: string,
  last: Resolved | null,
  options: ResolveNameOptions,
): Promise<Resolved | NotResolved> {
  const local = localAddresses(name, options.hosts);
  if (local !== null) return local;
  let problem = 'ENOTFOUND';
  for (const candidate of candidatesOf(name, options.resolvConf)) {
    const answers = await bothFamilies(candidate, options);
    const before = last?.answeredAs === candidate ? last : null;
    const resolved = combine(candidate, answers, before);
    if (resolved !== null) return resolved;
    const failure = answers.find((answer) => answer.kind === 'failed');
    if (failure !== undefined) problem = failure.code;
    // After SERVFAIL libc goes on with the list; a server that does not answer at all would not answer the rest either.
    const isSilent = failure !== undefined && failure.code !== 'ESERVFAIL';
    if (before !== null || isSilent) break;
  }
  return { problem };
}

const LOOPBACK_V4 = /^127\./;

function localAddresses(name: string, hosts: Hosts): Resolved | null {
  const key = name.replace(/\.$/, '').toLowerCase();
  const listed = hosts.get(key);
  if (listed === undefined && !isLocalhost(key)) return null;
  const addresses = listed ?? ['127.0.0.1'];
  const v4 = addresses.filter((address) => !address.includes(':'));
  const v6 = addresses.filter((address) => address.includes(':'));
  // Many a server listens on ::1 alone for `localhost`, while most hosts files name 127.0.0.1 alone.
  if (isLocalhost(key) && v6.length === 0 && v4.every((address) => LOOPBACK_V4.test(address))) v6.push('::1');
  return { v4: v4.sort(), v6: v6.sort(), answeredAs: 'hosts' };
}

/** RFC 6761 section 6.3: localhost and the names under it are loopback, and never asked of a server. */
function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

type Answers = readonly [v4: DnsAnswer, v6: DnsAnswer];

/** Some name servers never answer questions for AAAA: the family that has addresses does not wait for long. */
async function bothFamilies(name: string, { ask, otherFamilyMs }: ResolveNameOptions): Promise<Answers> {
  const asked = [ask(name, 4), ask(name, 6)] as const;
  const late: DnsAnswer = { kind: 'failed', code: 'ETIMEOUT' };
  let giveUp = (): void => {};
  const waited = new Promise<DnsAnswer>((resolve) => {
    giveUp = () => resolve(late);
  });
  let timer: NodeJS.Timeout | undefined;
  for (const answer of asked) {
    void answer.then(({ kind }) => {
      if (kind === 'addresses') timer ??= setTimeout(giveUp, otherFamilyMs);
    });
  }
  const answers = await Promise.all([Promise.race([asked[0], waited]), Promise.race([asked[1], waited])]);
  clearTimeout(timer);
  return answers;
}

function combine(candidate: string, [a, aaaa]: Answers, before: Resolved | null): Resolved | null {
  if (a.kind !== 'addresses' && aaaa.kind !== 'addresses') return null;
  return {
    v4: familyOf(a, before?.v4 ?? []),
    v6: familyOf(aaaa, before?.v6 ?? []),
    answeredAs: candidate,
  };
}

function familyOf(answer: DnsAnswer, before: readonly string[]): readonly string[] {
  if (answer.kind === 'addresses') return [...new Set(answer.addresses)].sort();
  return answer.kind === 'failed' ? before : [];
}
