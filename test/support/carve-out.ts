import { startNamed } from './named-backend.ts';
import type { RawBackend } from './raw-backend.ts';
import { ask, get } from './raw-client.ts';
import { type RouterOptions, type RunningRouter, startRouter } from './start-router.ts';
import { until } from './until.ts';

/** What `/api/config` says. */
export interface ConfigReport {
  readonly revision: string;
  readonly last_reload: {
    readonly result: string;
    readonly issues: readonly { readonly line: number; readonly column: number; readonly message: string }[];
    readonly text: string;
  };
}

/** A monolith, the orders feature, and a router whose table is edited: `/api/orders` is carved out, or not. */
export class CarveOut {
  readonly legacy: RawBackend;
  readonly orders: RawBackend;
  #router: RunningRouter | null = null;

  private constructor(legacy: RawBackend, orders: RawBackend) {
    this.legacy = legacy;
    this.orders = orders;
  }

  static async open(): Promise<CarveOut> {
    return new CarveOut(await startNamed('legacy'), await startNamed('orders'));
  }

  get router(): RunningRouter {
    if (this.#router === null) throw new Error('no router was started');
    return this.#router;
  }

  /** Starts a router, in place of the one before. */
  async start(routes: string, options?: RouterOptions): Promise<RunningRouter> {
    await this.#router?.stop('SIGKILL');
    this.#router = await startRouter(routes, options);
    return this.#router;
  }

  async close(): Promise<void> {
    await this.#router?.stop('SIGKILL');
    await this.legacy.stop();
    await this.orders.stop();
  }

  /** The feature is known, and no route goes to it. The comment makes it another file. */
  before(comment = ''): string {
    return `legacy: ${this.legacy.url}\nfeatures:\n  orders: ${this.orders.url}\n# ${comment}\n`;
  }

  /** `/api/orders` goes to the feature. */
  after(comment = ''): string {
    return `${this.before(comment)}routes:\n  - match:\n      prefix: /api/orders\n    to: orders\n`;
  }

  async answeredBy(target = '/api/orders/7'): Promise<string | undefined> {
    return (await ask(this.router.port, get(target))).header('x-answered-by');
  }

  /** Milliseconds until this backend answers `/api/orders/7`. @throws when that takes more than two seconds. */
  async movesTo(name: string): Promise<number> {
    const from = performance.now();
    const options = { withinMs: 2_000, what: `an answer by ${name}` };
    await until(
      () => this.answeredBy(),
      (by) => by === name,
      options,
    );
    return performance.now() - from;
  }

  /** Waits for `banyan_config_last_reload_successful`. */
  async lastReload(successful: 0 | 1): Promise<void> {
    const options = { withinMs: 2_000, what: `a reload gauge of ${successful}` };
    await until(
      () => this.router.metric('banyan_config_last_reload_successful'),
      (value) => value === successful,
      options,
    );
  }

  async config(): Promise<ConfigReport> {
    return (await (await fetch(`${this.router.adminUrl}/api/config`)).json()) as ConfigReport;
  }
}
