import { RawBackend, type Script } from './raw-backend.ts';
import { type RouterOptions, type RunningRouter, startRouter } from './start-router.ts';

/** Features by name, each with its lines of routes.yaml; `{feature}` in them is the url of the scripted one. */
export type FeatureLines = Readonly<Record<string, readonly string[]>>;

/** A router before a legacy that always answers, and one scripted backend that all features are. */
export class FallbackShop {
  readonly legacy: RawBackend;
  readonly feature: RawBackend;
  readonly router: RunningRouter;

  private constructor(legacy: RawBackend, feature: RawBackend, router: RunningRouter) {
    this.legacy = legacy;
    this.feature = feature;
    this.router = router;
  }

  /**
   * Each feature has the prefix of its name, and `routeLines` on its route; `url`, `stage: live` and `breaker: false`
   * are there unless its own lines say otherwise.
   */
  static async start(
    features: FeatureLines,
    { routeLines = {}, ...options }: RouterOptions & { readonly routeLines?: FeatureLines } = {},
  ): Promise<FallbackShop> {
    const [legacy, feature] = await Promise.all([RawBackend.start(byLegacy), RawBackend.start(byFeature)]);
    const text = [
      `legacy: ${legacy.url}`,
      'features:',
      ...Object.entries(features).flatMap(([name, lines]) => [
        `  ${name}:`,
        ...complete(lines).map((line) => `    ${line.replace('{feature}', feature.url)}`),
      ]),
      'routes:',
      ...Object.keys(features).flatMap((name) => [
        `  - match: { prefix: /${name} }`,
        `    to: ${name}`,
        ...(routeLines[name] ?? []).map((line) => `    ${line}`),
      ]),
      '',
    ].join('\n');
    return new FallbackShop(legacy, feature, await startRouter(text, options));
  }

  /** Forgets what was asked; both answer again. */
  reset(): void {
    this.legacy.requests.length = 0;
    this.feature.requests.length = 0;
    this.legacy.use(byLegacy);
    this.feature.use(byFeature);
  }

  async stop(): Promise<void> {
    await this.router.stop('SIGKILL');
    await Promise.all([this.legacy.stop(), this.feature.stop()]);
  }
}

function complete(lines: readonly string[]): readonly string[] {
  const usual: [key: string, line: string][] = [
    ['url', 'url: {feature}'],
    ['stage', 'stage: live'],
    ['breaker', 'breaker: false'],
    ['hold_while_down', 'hold_while_down: 0s'],
  ];
  const missing = usual.filter(([key]) => !lines.some((line) => line.startsWith(`${key}:`)));
  return [...missing.map(([, line]) => line), ...lines];
}

/** Says what it got, and who it is. */
function answering(name: string): Script {
  return async (request, reply) => {
    const body = await request.body();
    reply.send(200, [`X-From: ${name}`, `X-Only-${name}: 1`], `${name} got ${body}`);
  };
}

/** The script of legacy. */
export const byLegacy: Script = answering('legacy');
/** The script of the feature, as long as nothing is wrong with it. */
export const byFeature: Script = answering('feature');
