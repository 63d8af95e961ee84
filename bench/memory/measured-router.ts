import { rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentBytes } from '../../test/support/process-memory.ts';
import { type RouterOptions, type RunningRouter, startRouter } from '../../test/support/start-router.ts';
import { InspectorClient } from './inspector-client.ts';

/** Memory of a router in bytes, with all garbage collected. */
export interface MemoryFigures {
  readonly rss: number;
  /** JavaScript objects. */
  readonly heap: number;
  /** What lies beside the heap: buffers, sockets' own structures that Node accounts for. */
  readonly external: number;
}

/** How long a process may take to give back what it does not need, before it is measured. */
const SETTLE_MS = 500;
/** How long the ends of thousands of connections may take to be seen. */
const SOCKETS_GONE_MS = 30_000;
/** How long a table may take to be in force. */
const IN_FORCE_MS = 20_000;

/** The built router in a process of its own, whose memory can be asked for. */
export class MeasuredRouter {
  readonly router: RunningRouter;
  readonly #inspector: InspectorClient;

  private constructor(router: RunningRouter, inspector: InspectorClient) {
    this.router = router;
    this.#inspector = inspector;
  }

  static async start(routes: string, options: RouterOptions = {}): Promise<MeasuredRouter> {
    const port = await freePort();
    const router = await startRouter(routes, {
      ...options,
      flags: ['--front', 'wire', ...(options.flags ?? [])],
      nodeFlags: ['--expose-gc', `--inspect=127.0.0.1:${port}`, ...(options.nodeFlags ?? [])],
    });
    return new MeasuredRouter(router, await InspectorClient.connect(port));
  }

  /** What lives. */
  async figures(): Promise<MemoryFigures> {
    await sleep(SETTLE_MS);
    // Twice: what a finalizer lets go of goes with the second.
    const usage = (await this.#inspector.evaluate('gc(); gc(); process.memoryUsage()')) as NodeJS.MemoryUsage;
    await sleep(SETTLE_MS);
    return {
      rss: await residentBytes(this.router.pid),
      heap: usage.heapUsed,
      external: usage.external,
    };
  }

  /** Waits until it has at most so many TCP connections, of clients and to backends. @throws when it keeps more. */
  async socketsAtMost(count: number): Promise<void> {
    const open = `process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length`;
    for (const end = performance.now() + SOCKETS_GONE_MS; ; await sleep(100)) {
      const sockets = Number(await this.evaluate(open));
      if (sockets <= count) return;
      if (performance.now() > end) throw new Error(`${sockets} connections are still open`);
    }
  }

  /** Resident memory as it stands, in bytes, garbage and all. */
  resident(): Promise<number> {
    return residentBytes(this.router.pid);
  }

  /** Replaces routes.yaml by a rename, as editors do, and waits until it is in force. @throws when it is not. */
  async replaceRoutes(text: string): Promise<void> {
    const { routesFile } = this.router;
    const before = await this.#revision();
    await writeFile(`${routesFile}.new`, text);
    await rename(`${routesFile}.new`, routesFile);
    for (const end = performance.now() + IN_FORCE_MS; (await this.#revision()) === before; await sleep(5)) {
      if (performance.now() > end) throw new Error(`not in force: ${await this.#config()}`);
    }
  }

  async #revision(): Promise<string> {
    return /"revision": *"(\w*)"/.exec(await this.#config())?.[1] ?? '';
  }

  async #config(): Promise<string> {
    return (await fetch(`${this.router.adminUrl}/api/config`)).text();
  }

  evaluate(expression: string): Promise<unknown> {
    return this.#inspector.evaluate(expression);
  }

  async stop(): Promise<void> {
    this.#inspector.close();
    await this.router.stop('SIGKILL');
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
