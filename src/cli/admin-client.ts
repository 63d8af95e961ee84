import { formatAddress, type ListenAddress } from '../model/listen-address.ts';

/** How long one answer of the admin listener may take, ms. */
const ANSWER_MS = 2_000;

/** The router as the command line sees it: through its admin listener. */
export interface AdminClient {
  /** `http://127.0.0.1:9901`. */
  readonly url: string;
  /** A page's JSON; null when nobody answers there, or it is no such page. */
  readonly ask: (path: string) => Promise<unknown>;
}

/** A client of the listener at this address; one that listens everywhere is asked on loopback. */
export function adminClient({ host, port }: ListenAddress): AdminClient {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const url = `http://${formatAddress(near, port)}`;
  return { url, ask: (path) => askFor(`${url}${path}`) };
}

async function askFor(url: string): Promise<unknown> {
  try {
    const answer = await fetch(url, {
      signal: AbortSignal.timeout(ANSWER_MS),
      redirect: 'error',
      headers: { accept: 'application/json', connection: 'close' },
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
