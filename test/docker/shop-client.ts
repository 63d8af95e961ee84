import { Agent, get } from 'node:http';
import { eventually } from '../support/eventually.ts';

/**
 * fetch that gives up: Node 20's never settles when a connection is accepted and closed at once, as an engine's proxy
 * does while the container behind it starts.
 */
export function ask(url: string | URL, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000), ...init });
}

/** Who answered, as the shop says it itself. */
export async function sideOf(url: string, init: RequestInit = {}): Promise<string | null> {
  const answer = await ask(url, init);
  await answer.arrayBuffer();
  return answer.headers.get('x-shop-answered-by');
}

/** Until this one answers. How long that took is the affair of edits.test.ts. */
export function untilAnsweredBy(url: string, side: string, timeoutMs = 5_000): Promise<string | null> {
  return eventually(
    () => sideOf(url),
    (found) => found === side,
    { timeoutMs },
  );
}

/** Until the shop answers through the router at all: containers are starting. */
export async function untilServing(url: string): Promise<void> {
  const paths = ['/', '/api/search?q=fern', '/api/orders'];
  await eventually(
    () => Promise.all(paths.map(async (path) => (await ask(url + path)).status)),
    (codes) => codes.every((code) => code === 200),
    { timeoutMs: 30_000, everyMs: 200 },
  );
}

/** A browser's cookie jar, as little of one as the shop needs. */
export class Visitor {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  get(path: string): Promise<Response> {
    return this.#send(path, {});
  }

  /** A form post; redirects are not followed. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields) });
  }

  upload(path: string, form: FormData): Promise<Response> {
    return this.#send(path, { method: 'POST', body: form });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask(new URL(path, this.#origin), {
      ...init,
      headers: { cookie },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}

/** What a load saw. */
export interface LoadReport {
  readonly answered: number;
  /** By who answered. */
  readonly sides: Readonly<Record<string, number>>;
  readonly instances: Readonly<Record<string, number>>;
  /** Statuses over 399 and errors of the connection. */
  readonly failed: readonly string[];
}

/** A load that runs. */
export interface Load {
  /** As it is now; goes on changing. */
  readonly report: LoadReport;
  stop(): Promise<LoadReport>;
}

/** GETs from `clients` clients, one after the other each, a breath in between, until stopped. */
export function startLoad(url: string, { clients = 6, pauseMs = 5 } = {}): Load {
  const report: Report = { answered: 0, sides: {}, instances: {}, failed: [] };
  const agent = new Agent({ keepAlive: true });
  let running = true;
  const client = async (): Promise<void> => {
    while (running) {
      await askOnce(url, agent, report);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    report,
    stop: async () => {
      running = false;
      await all;
      agent.destroy();
      return report;
    },
  };
}

type Counts = Record<string, number>;
type Report = { answered: number; sides: Counts; instances: Counts; failed: string[] };

/** On a connection kept by `agent`. A connection that the router closes under a request counts as failed. */
function askOnce(url: string, agent: Agent, report: Report): Promise<void> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      report.failed.push(error.message);
      resolve();
    };
    const request = get(url, { agent, timeout: 20_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', failed);
      answer.on('end', () => {
        const status = answer.statusCode ?? 0;
        if (status >= 400) report.failed.push(`${status} ${Buffer.concat(chunks).toString().slice(0, 200)}`);
        report.answered += 1;
        count(report.sides, String(answer.headers['x-shop-answered-by']));
        count(report.instances, String(answer.headers['x-shop-instance']));
        resolve();
      });
    });
    request.on('timeout', () => request.destroy(new Error('no answer within 20 s')));
    request.on('error', failed);
  });
}

function count(counts: Counts, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
