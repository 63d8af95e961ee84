import { RawBackend, type Script } from './raw-backend.ts';
import { type RouterOptions, type RunningRouter, startRouter } from './start-router.ts';

/** A router with a scripted legacy and one scripted feature, `orders`, under `/feature`. */
export class TwoBackends {
  readonly legacy: RawBackend;
  readonly feature: RawBackend;
  readonly router: RunningRouter;

  private constructor(legacy: RawBackend, feature: RawBackend, router: RunningRouter) {
    this.legacy = legacy;
    this.feature = feature;
    this.router = router;
  }

  /** `rest` is appended to routes.yaml: further routes, and keys that are not there yet. */
  static async start(rest = '', options: RouterOptions = {}): Promise<TwoBackends> {
    const [legacy, feature] = await Promise.all([RawBackend.start(answerOk), RawBackend.start(answerOk)]);
    const router = await startRouter(routesFor(legacy.url, feature.url, rest), options);
    return new TwoBackends(legacy, feature, router);
  }

  /** Forgets what was asked, and answers 200 again. */
  reset(): void {
    for (const backend of [this.legacy, this.feature]) {
      backend.requests.length = 0;
      backend.use(answerOk);
    }
  }

  async stop(): Promise<void> {
    await this.router.stop('SIGKILL');
    await Promise.all([this.legacy.stop(), this.feature.stop()]);
  }
}

/** routes.yaml for a legacy and the feature `orders`. */
export function routesFor(legacy: string, feature: string, rest = ''): string {
  return `legacy:
  url: ${legacy}
  hold_while_down: 0s
features:
  orders:
    url: ${feature}
    stage: live
    hold_while_down: 0s
    breaker: false
routes:
  - match: { prefix: /feature }
    to: orders
${rest}`;
}

/** Reads the body, then says 200 and who was asked for what. */
export const answerOk: Script = async (request, reply) => {
  await request.body();
  reply.send(200, [], 'ok');
};
