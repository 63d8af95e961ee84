import { startNamed } from '../support/named-backend.ts';
import { RawBackend, type Script } from '../support/raw-backend.ts';
import { FeatureProcess } from './feature-process.ts';
import { startBanyan } from './proxies/banyan.ts';
import { HAPROXY } from './proxies/haproxy.ts';
import { NGINX } from './proxies/nginx.ts';
import { startPeer } from './proxies/peer-process.ts';
import type { ProxyKind, ProxyOptions, Shop, StartedProxy } from './proxies/proxy.ts';

/** One scenario with one proxy: what it starts ends with it. */
export class Trial {
  readonly kind: ProxyKind;
  readonly #endings: (() => Promise<unknown> | unknown)[] = [];

  constructor(kind: ProxyKind) {
    this.kind = kind;
  }

  /** The proxy, before this shop. */
  async start(shop: Shop, options: ProxyOptions = {}): Promise<StartedProxy> {
    const proxy =
      this.kind === 'banyan'
        ? await startBanyan(shop, options)
        : await startPeer(this.kind === 'nginx' ? NGINX : HAPROXY, shop, options);
    this.atEnd(() => proxy.kill());
    return proxy;
  }

  /** A backend in this process that says its name, or does what the script says. */
  async backend(what: string | Script): Promise<RawBackend> {
    const backend = typeof what === 'string' ? await startNamed(what) : await RawBackend.start(what);
    this.atEnd(() => backend.stop());
    return backend;
  }

  /** A backend that can be killed as containers are. */
  async featureProcess(): Promise<FeatureProcess> {
    const feature = await FeatureProcess.start();
    this.atEnd(() => feature.remove());
    return feature;
  }

  /** The last comes first. */
  atEnd(work: () => Promise<unknown> | unknown): void {
    this.#endings.unshift(work);
  }

  async end(): Promise<void> {
    for (const work of this.#endings.splice(0)) await work();
  }
}
