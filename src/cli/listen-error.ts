import { formatAddress, type ListenAddress } from '../model/listen-address.ts';
import type { Settings } from '../settings.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there already',
  EACCES: 'the system does not allow it (ports below 1024 need a right of their own)',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no such address family',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'its name could not be resolved',
};

/** Why a listener could not be opened, for people; null if the error is no such thing. */
export function explainListenError(
  error: unknown,
  { listen, admin, tlsListen }: Pick<Settings, 'listen' | 'admin' | 'tlsListen'>,
): string | null {
  const failed = error as ListenError;
  const reason = REASONS[failed.code ?? ''];
  if (reason === undefined) return null;
  const places = [
    { flag: '--listen', at: listen },
    ...(tlsListen === null ? [] : [{ flag: '--tls-listen', at: tlsListen }]),
    { flag: '--admin', at: admin },
  ];
  const about = places.find((place) => isAbout(failed, place.at));
  const { flag, at } = about ?? { flag: '--listen', at: listen };
  return `banyan: cannot listen on ${formatAddress(at.host, at.port)} (${flag}): ${reason}`;
}

/** What Node puts on the errors of `listen`; a name that has no address has no port yet. */
interface ListenError {
  readonly code?: string;
  readonly port?: number;
  readonly address?: string;
  readonly hostname?: string;
}

function isAbout(error: ListenError, at: ListenAddress): boolean {
  const host = error.address ?? error.hostname ?? at.host;
  return (error.port ?? at.port) === at.port && host === at.host;
}
