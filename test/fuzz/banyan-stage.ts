import path from 'node:path';
import { FuzzBackend } from './fuzz-backend.ts';
import type { Terms } from './judge-played.ts';
import type { Stage } from './play-fuzz-case.ts';
import { QuietRouter } from './quiet-router.ts';

/** The fields that the router sets, or frames anew (docs/pass-through.md). */
export const BANYAN_TERMS: Terms = {
  addedFields: new Set([
    ...['host', 'connection', 'content-length', 'transfer-encoding', 'via', 'x-request-id', 'x-real-ip'],
    ...[
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'x-forwarded-port',
      'upgrade',
      'te',
      'trailer',
    ],
  ]),
};

const PAIR = path.resolve(import.meta.dirname, '../support/tls/self-signed');
const TLS_FLAGS = ['--tls-listen', '127.0.0.1:0', '--tls-cert', `${PAIR}.crt`, '--tls-key', `${PAIR}.key`];

/** The built router before a fuzzing backend, with time limits that a fuzzer can wait for. */
export class BanyanStage implements Stage {
  readonly backend: FuzzBackend;
  readonly router: QuietRouter;
  readonly isTls: boolean;

  private constructor(backend: FuzzBackend, router: QuietRouter, isTls: boolean) {
    this.backend = backend;
    this.router = router;
    this.isTls = isTls;
  }

  get port(): number {
    return this.isTls ? this.router.tlsPort : this.router.port;
  }

  static async start({ isTls = false } = {}): Promise<BanyanStage> {
    const backend = await FuzzBackend.start();
    const routes = [
      'legacy:',
      `  url: http://127.0.0.1:${backend.port}`,
      '  timeouts:',
      ...['connect', 'response', 'idle'].map((name) => `    ${name}: 3s`),
      '  hold_while_down: 0s',
      '',
    ].join('\n');
    const limits = ['header-timeout', 'body-timeout', 'keep-alive'].flatMap((name) => [`--${name}`, '2s']);
    const router = await QuietRouter.start(routes, [...limits, ...(isTls ? TLS_FLAGS : [])]);
    return new BanyanStage(backend, router, isTls);
  }

  /** What no case may leave: faults that were logged, framing that a backend could not read, requests in flight. */
  async leftovers(): Promise<string[]> {
    const left = this.router.errors.map((line) => `logged: ${line}`);
    left.push(...this.backend.faults.map((fault) => `the backend got: ${fault}`));
    const inFlight = await this.#settled();
    if (inFlight > 0) left.push(`${inFlight} requests are in flight`);
    return left;
  }

  async stop(): Promise<void> {
    const code = await this.router.stop();
    await this.backend.stop();
    if (code !== 0) throw new Error(`the router ended with ${code}`);
  }

  async #settled(): Promise<number> {
    for (const end = performance.now() + 5_000; ; ) {
      const value = await this.router.metric('banyan_requests_in_flight');
      if (value === 0 || performance.now() > end) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
