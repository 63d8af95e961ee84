import { type Peer, startPeer } from '../faults/proxies/peer-process.ts';
import type { StartedProxy } from '../faults/proxies/proxy.ts';
import { FuzzBackend } from './fuzz-backend.ts';
import type { Terms } from './judge-played.ts';
import { PEERS } from './peers.ts';
import type { Stage } from './play-fuzz-case.ts';

/** Another proxy before the same backend. */
export class PeerStage implements Stage {
  readonly backend: FuzzBackend;
  readonly port: number;
  readonly isTls = false;
  readonly terms: Terms;
  readonly #proxy: StartedProxy;

  private constructor(backend: FuzzBackend, proxy: StartedProxy) {
    this.backend = backend;
    this.#proxy = proxy;
    this.port = proxy.port;
    this.terms = { addedFields: ADDED };
  }

  static async start(name: string): Promise<PeerStage> {
    const backend = await FuzzBackend.start();
    const shop = { legacy: backend.port, feature: [backend.port], silenceMs: 1_000 };
    return new PeerStage(backend, await startPeer(PEERS[name] as Peer, shop, {}));
  }

  /** Bytes that are no request, as the backend saw them. */
  async leftovers(): Promise<string[]> {
    return this.backend.faults.map((fault) => `the backend got: ${fault}`);
  }

  async stop(): Promise<void> {
    await this.#proxy.kill();
    await this.backend.stop();
  }
}

const ADDED: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'via', 'x-request-id'],
  ...['x-real-ip', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port'],
]);
