import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { RecordingBackend } from './recording-backend.ts';
import type { Sides } from './run-many.ts';

/** Legacy answers everything but `/gone`, whose answer asks for no body. */
function routesTo(port: number): string {
  return `legacy:
  url: http://127.0.0.1:${port}
  hold_while_down: 0s
routes:
  - match: { path: /gone }
    respond: { status: 410 }
`;
}

/** Two routers of the same build, each with a backend of its own: one behind the wire front, one behind Fastify's. */
export class RunningSides {
  readonly sides: Sides;
  readonly #routers: readonly RunningRouter[];
  readonly #backends: readonly RecordingBackend[];

  private constructor(routers: readonly RunningRouter[], backends: readonly RecordingBackend[]) {
    const [wire, fastify] = routers as [RunningRouter, RunningRouter];
    const [wireBackend, fastifyBackend] = backends as [RecordingBackend, RecordingBackend];
    this.#routers = routers;
    this.#backends = backends;
    this.sides = {
      wire: { name: 'wire', port: wire.port, backend: wireBackend },
      fastify: { name: 'fastify', port: fastify.port, backend: fastifyBackend },
    };
  }

  static async start(): Promise<RunningSides> {
    const backends = await Promise.all([RecordingBackend.start(), RecordingBackend.start()]);
    const fronts = ['wire', 'fastify'];
    const routers = await Promise.all(
      backends.map(({ port }, index) =>
        startRouter(routesTo(port), {
          env: { FRONT: fronts[index] as string },
        }),
      ),
    );
    return new RunningSides(routers, backends);
  }

  /** What no case may leave: faults that a router logged, framing that a backend could not read, requests in flight. */
  async leftovers(): Promise<string[]> {
    const left: string[] = [];
    for (const [index, router] of this.#routers.entries()) {
      const { name } = index === 0 ? this.sides.wire : this.sides.fastify;
      const logged = router
        .logs()
        .filter(({ level }) => level === 'error' || level === 'fatal' || Number(level) >= 50);
      left.push(...logged.map((line) => `${name} logged ${JSON.stringify(line)}`));
      left.push(...(this.#backends[index]?.faults ?? []).map((fault) => `behind ${name}: ${fault}`));
      const inFlight = await settled(() => router.metric('banyan_requests_in_flight'));
      if (inFlight > 0) left.push(`${name} has ${inFlight} requests in flight`);
    }
    return left;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.stop('SIGKILL')));
    await Promise.all(this.#backends.map((backend) => backend.stop()));
  }
}

/** A gauge, once it is 0, or after three seconds. */
async function settled(gauge: () => Promise<number>): Promise<number> {
  for (const end = performance.now() + 3_000; ; ) {
    const value = await gauge();
    if (value === 0 || performance.now() > end) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
