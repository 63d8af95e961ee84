import net from 'node:net';
import { expect, it } from 'vitest';
import { residentBytes } from '../support/process-memory.ts';
import { ask, get } from '../support/raw-client.ts';
import { TwoBackends } from '../support/two-backends.ts';
import { sleep, until } from '../support/until.ts';

/**
 * Thousands of clients that are slow on purpose, as many as there may be connections at all: others are served meanwhile,
 * the slow ones are cut when their time is up, and memory stays flat.
 */

const MIB = 1024 * 1024;
const HEADER_TIMEOUT_S = 5;
const BODY_TIMEOUT_S = 5;
const BIG = Buffer.alloc(4 * MIB);

/** A client that begins with these bytes, then says a little now and then, and reads or not. */
class SlowClient {
  isOver = false;
  readonly #socket: net.Socket;
  readonly #timer: NodeJS.Timeout | null;

  constructor(port: number, { begin, drips, reads }: SlowKind) {
    this.#socket = net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    this.#socket.on('error', () => {}).on('close', () => this.#over());
    this.#socket.on('connect', () => this.#socket.write(begin));
    if (reads) this.#socket.resume();
    this.#timer = drips === null ? null : setInterval(() => this.#socket.write(drips), 1_000);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#over();
  }

  #over(): void {
    this.isOver = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}

interface SlowKind {
  readonly what: string;
  readonly count: number;
  readonly begin: string;
  /** Once a second. */
  readonly drips: string | null;
  readonly reads: boolean;
  /** As many connections as there may be; room for others is left where requests are under way. */
  readonly maxConnections: number;
}

const KINDS: readonly SlowKind[] = [
  {
    what: 'heads of a field a second, at the connection limit',
    count: 5_000,
    begin: 'GET / HTTP/1.1\r\nHost: a\r\n',
    drips: 'X: y\r\n',
    reads: true,
    maxConnections: 5_000,
  },
  {
    what: 'bodies that stop',
    count: 2_000,
    begin: 'POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx',
    drips: null,
    reads: true,
    maxConnections: 2_100,
  },
  {
    what: 'answers of 4 MiB that nobody reads',
    // Of all sockets on one machine the kernel keeps some 2 GiB (tcp_mem): with more it serves nobody, whoever asks.
    count: 300,
    begin: get('/big'),
    drips: null,
    reads: false,
    maxConnections: 400,
  },
];

it.each(KINDS.map((kind) => [kind.count, kind.what, kind] as const))(
  '%i × %s: others are served, the slow ones are cut in time, memory is flat',
  async (_count, what, kind) => {
    const limits = ['--header-timeout', `${HEADER_TIMEOUT_S}s`, '--body-timeout', `${BODY_TIMEOUT_S}s`];
    const all = await TwoBackends.start('', {
      flags: [...limits, '--max-connections', String(kind.maxConnections)],
    });
    all.legacy.use(async (request, reply) => {
      if (request.target === '/big') {
        reply.write(`HTTP/1.1 200 OK\r\nContent-Length: ${BIG.length}\r\n\r\n`);
        reply.write(BIG); // one for all: copies of it would be gigabytes
      } else if (request.target !== '/slow') reply.send(200, [], 'ok');
      else await request.body().catch(() => {});
    });
    const slow: SlowClient[] = [];
    try {
      for (let i = 0; i < 50; i++) await ask(all.router.port, get('/warm'));
      const before = await residentBytes(all.router.pid);
      for (let i = 0; i < kind.count; i++) {
        slow.push(new SlowClient(all.router.port, kind));
        if (i % 100 === 0) await sleep(5);
      }
      const times: number[] = [];
      let failed = 0;
      let highest = 0;
      for (const end = performance.now() + 8_000; performance.now() < end; await sleep(20)) {
        const from = performance.now();
        const answer = await ask(all.router.port, get('/other')).catch(() => null);
        times.push(performance.now() - from);
        if (answer?.status !== 200) failed += 1;
        highest = Math.max(highest, await residentBytes(all.router.pid));
      }
      const left = await until(
        () => (kind.reads ? slow.filter(({ isOver }) => !isOver).length : inFlight(all)),
        (count) => count === 0,
        { withinMs: 40_000, what: 'the end of all slow ones' },
      );
      times.sort((one, other) => one - other);
      const p99 = times[Math.floor(times.length * 0.99)] as number;
      const riseMiB = (highest - before) / MIB;
      console.log(
        `${what}: ${times.length} others, ${failed} failed, p99 ${p99.toFixed(0)} ms; ${kind.count - left} cut; +${riseMiB.toFixed(0)} MiB (${((highest - before) / 1024 / kind.count).toFixed(1)} KiB each)`,
      );
      expect(failed).toBe(0);
      expect(p99).toBeLessThan(1_000);
      expect(riseMiB).toBeLessThan(200);
    } finally {
      for (const client of slow) client.destroy();
      await all.stop();
    }
  },
);

/** Who reads nothing sees no end either. As long as the kernels between still take something, an answer is no stalled one. */
function inFlight({ router }: TwoBackends): Promise<number> {
  return router.metric('banyan_requests_in_flight', { route: '(default)', backend: 'legacy' });
}
