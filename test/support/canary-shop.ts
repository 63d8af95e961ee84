import { answerAs } from './named-backend.ts';
import { RawBackend, type RawReply, type RawRequest } from './raw-backend.ts';
import { ask, get, type RawAnswer, RawClient } from './raw-client.ts';
import { type RunningRouter, startRouter } from './start-router.ts';

/** What of the feature is said in routes.yaml. */
export interface CanarySketch {
  readonly stage?: string;
  readonly share?: string;
  readonly by?: string;
  /** Further keys of the feature, one per line. */
  readonly more?: readonly string[];
  /** Top-level keys. */
  readonly top?: readonly string[];
}

/**
 * A monolith, and the feature orders in a canary at `/orders` and `/api/orders`. What a request names in `X-Reply`
 * (`Cache-Control: public`) stands on its answer.
 */
export class CanaryShop {
  readonly legacy: RawBackend;
  readonly orders: RawBackend;
  readonly router: RunningRouter;

  private constructor(legacy: RawBackend, orders: RawBackend, router: RunningRouter) {
    this.legacy = legacy;
    this.orders = orders;
    this.router = router;
  }

  static async open(sketch: CanarySketch, front: string): Promise<CanaryShop> {
    const [legacy, orders] = [await startReplying('legacy'), await startReplying('orders')];
    const env = { FRONT: front };
    return new CanaryShop(legacy, orders, await startRouter(routesOf(sketch, legacy, orders), { env }));
  }

  async close(): Promise<void> {
    await this.router.stop('SIGKILL');
    await Promise.all([this.legacy.stop(), this.orders.stop()]);
  }

  /** Puts another file in force. */
  edit(sketch: CanarySketch): Promise<void> {
    return this.router.edit(routesOf(sketch, this.legacy, this.orders));
  }

  /** One GET with these header lines. */
  get(lines: readonly string[] = [], target = '/orders'): Promise<RawAnswer> {
    return ask(this.router.port, get(target, lines));
  }

  /** Who answers the client of each place, asked over a few connections. */
  async answeredBy(
    places: readonly number[],
    target = '/orders',
    port = this.router.port,
  ): Promise<Map<number, string>> {
    const answers = new Map<number, string>();
    const left = [...places];
    const work = async (): Promise<void> => {
      const client = await RawClient.connect(port);
      for (let place = left.pop(); place !== undefined; place = left.pop()) {
        client.send(get(target, [`Cookie: banyan=${place}`]));
        answers.set(place, whoAnswered(await client.readAnswer()));
      }
      client.destroy();
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return answers;
  }

  /** Of these places those that the feature answers. */
  async ofFeature(places: readonly number[]): Promise<number[]> {
    const answers = await this.answeredBy(places);
    return places.filter((place) => answers.get(place) === 'orders');
  }
}

/** The name that a backend put on its answer. */
export function whoAnswered(answer: RawAnswer): string {
  return answer.header('x-answered-by') ?? `nobody: ${answer.status}`;
}

/** The router's own cookie as it was set; undefined when it was not. */
export function placeCookieOf(answer: RawAnswer): string | undefined {
  return answer.headerValues('set-cookie').find((cookie) => cookie.startsWith('banyan='));
}

function startReplying(name: string): Promise<RawBackend> {
  return RawBackend.start((request: RawRequest, reply: RawReply) => {
    const line = request.header('x-reply');
    if (line === undefined) return answerAs(name, request, reply);
    return reply.send(200, [`X-Answered-By: ${name}`, line]);
  });
}

function routesOf(sketch: CanarySketch, legacy: RawBackend, orders: RawBackend): string {
  const { stage = 'canary', share = '10%', by = 'cookie', more = [], top = [] } = sketch;
  return [
    `legacy: ${legacy.url}`,
    'features:',
    '  orders:',
    `    url: ${orders.url}`,
    `    stage: ${stage}`,
    '    canary:',
    `      share: ${share}`,
    `      by: ${by}`,
    ...more.map((line) => `    ${line}`),
    'routes:',
    '  - match: { prefix: /orders }',
    '    to: orders',
    '  - match: { prefix: /api/orders }',
    '    to: orders',
    ...top,
    '',
  ].join('\n');
}
