import { answerAs } from './named-backend.ts';
import { RawBackend } from './raw-backend.ts';
import { type RouterOptions, type RunningRouter, startRouter } from './start-router.ts';
import { until } from './until.ts';

/** What of the feature is said in routes.yaml. */
export interface ShadowSketch {
  /** Another feature than the one that says its name. */
  readonly url?: string;
  /** Default: shadow. */
  readonly stage?: string;
  /** Lines of the `shadow` block; none: it is not written. */
  readonly shadow?: readonly string[];
  /** Further keys of the feature. */
  readonly more?: readonly string[];
  /** Top-level keys. */
  readonly top?: readonly string[];
  /** Further keys of the route. */
  readonly route?: readonly string[];
}

/** A legacy and the feature search at `/search`, both saying who they are, behind a router that copies. */
export class ShadowShop {
  readonly legacy: RawBackend;
  readonly search: RawBackend;
  readonly router: RunningRouter;

  private constructor(legacy: RawBackend, search: RawBackend, router: RunningRouter) {
    this.legacy = legacy;
    this.search = search;
    this.router = router;
  }

  static async open(sketch: ShadowSketch = {}, options: RouterOptions = {}): Promise<ShadowShop> {
    const named = (name: string): Promise<RawBackend> =>
      RawBackend.start((request, reply) => answerAs(name, request, reply));
    const [legacy, search] = await Promise.all([named('legacy'), named('search')]);
    return new ShadowShop(
      legacy,
      search,
      await startRouter(routesOf(sketch, legacy.url, search.url), options),
    );
  }

  /** Puts another file in force. */
  edit(sketch: ShadowSketch): Promise<void> {
    return this.router.edit(routesOf(sketch, this.legacy.url, this.search.url));
  }

  /** Forgets what was asked; both answer by name again. */
  reset(): void {
    for (const [name, backend] of [
      ['legacy', this.legacy],
      ['search', this.search],
    ] as const) {
      backend.requests.length = 0;
      backend.use((request, reply) => answerAs(name, request, reply));
    }
  }

  /** How many drawn requests came to this; with a reason, how many were skipped for it. */
  count(outcome: string, reason?: string): Promise<number> {
    return reason === undefined
      ? this.router.metric('banyan_shadow_requests_total', { feature: 'search', outcome })
      : this.router.metric('banyan_shadow_skipped_total', { feature: 'search', reason });
  }

  /** Resolves when so many drawn requests, of all outcomes, are over. */
  async over(drawn: number): Promise<void> {
    const all = async (): Promise<number> => {
      const counts = await Promise.all(
        ['answered', 'failed', 'dropped', 'skipped'].map((outcome) => this.count(outcome)),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    };
    await until(all, (count) => count >= drawn, { withinMs: 15_000, what: `the end of ${drawn} copies` });
  }

  async close(): Promise<void> {
    await this.router.stop('SIGKILL');
    await Promise.all([this.legacy.stop(), this.search.stop()]);
  }
}

function routesOf(sketch: ShadowSketch, legacy: string, search: string): string {
  const { url = search, stage = 'shadow', shadow = [], more = [], top = [], route = [] } = sketch;
  return [
    'legacy:',
    `  url: ${legacy}`,
    '  hold_while_down: 0s',
    'features:',
    '  search:',
    `    url: ${url}`,
    `    stage: ${stage}`,
    ...more.map((line) => `    ${line}`),
    ...(shadow.length === 0 ? [] : ['    shadow:', ...shadow.map((line) => `      ${line}`)]),
    'routes:',
    '  - match: { prefix: /search }',
    '    to: search',
    ...route.map((line) => `    ${line}`),
    ...top,
    '',
  ].join('\n');
}
