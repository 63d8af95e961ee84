import { execFileSync } from 'node:child_process';
import { answerAs } from './named-backend.ts';
import { RawBackend } from './raw-backend.ts';
import { type RouterOptions, type RunningRouter, startRouter } from './start-router.ts';
import { until } from './until.ts';

/** Legacy and orders behind a router of two workers. */
export class WorkerShop {
  readonly legacy: RawBackend;
  readonly orders: RawBackend;
  router!: RunningRouter;

  private constructor(legacy: RawBackend, orders: RawBackend) {
    this.legacy = legacy;
    this.orders = orders;
  }

  static async open(): Promise<WorkerShop> {
    const legacy = await RawBackend.start((request, reply) => answerAs('legacy', request, reply));
    const orders = await RawBackend.start((request, reply) => answerAs('orders', request, reply));
    return new WorkerShop(legacy, orders);
  }

  /** A routes file; `stage` is that of orders. */
  routes({ stage = 'live', more = '' } = {}): string {
    return `legacy: ${this.legacy.url}
features:
  orders: { url: "${this.orders.url}", stage: ${stage} }
routes:
  - match: { prefix: /api/orders }
    to: orders
${more}`;
  }

  async start(options: RouterOptions = {}, routes = this.routes()): Promise<void> {
    const flags = ['--workers', '2', ...(options.flags ?? [])];
    this.router = await startRouter(routes, { ...options, flags });
  }

  /** Process ids of the workers that are there now. */
  pids(): number[] {
    return childrenOf(this.router.pid);
  }

  /** `/readyz` says so. */
  async isReady(): Promise<boolean> {
    return (await fetch(`${this.router.adminUrl}/readyz`)).status === 200;
  }

  ready(): Promise<boolean> {
    return until(
      () => this.isReady(),
      (ready) => ready,
      { withinMs: 15_000, what: '/readyz' },
    );
  }

  /** All requests that `/metrics` shows. */
  async counted(): Promise<number> {
    return sumOf(await this.router.metrics(), 'banyan_requests_total');
  }

  async close(): Promise<void> {
    await this.router?.stop('SIGKILL');
    await Promise.all([this.legacy.stop(), this.orders.stop()]);
  }
}

/** Sum of all series of a metric. */
export function sumOf(page: string, name: string): number {
  return page
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Process ids of a process's children, oldest first. */
export function childrenOf(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
  } catch {
    return []; // none
  }
}

/** Whether there is such a process that has not ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
