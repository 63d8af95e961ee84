/**
 * The router's metrics when several workers serve: the primary's own (what was loaded, since when), the workers' and
 * a few about the workers themselves, added up to one text by {@link MetricsSum}.
 *
 *   scrape ─▶ every worker is asked ─▶ all have answered, or 2 s ─▶ one text
 *   in between a worker is asked every 5 s or more, so that little is missing of one that is killed
 */
import { EXPOSITION_CONTENT_TYPE, expositionOf, type MetricFamily } from '../observe/exposition.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Replaced } from './crew.ts';
import type { MigratedCount, ToPrimary } from './messages.ts';
import { MetricsSum, PRIMARY } from './metrics-sum.ts';
import type { WorkerLink } from './worker-link.ts';

const SCRAPE_WAIT_MS = 2_000;
const ANSWER_LIMIT_MS = 60_000;
/** Between two questions that no scrape asks for: at least so long, and so much longer than one took. */
const IDLE_MS = 5_000;
const IDLE_FACTOR = 100;

/** What is shown of the workers themselves. */
export interface CrewState {
  readonly serving: number;
  readonly configured: number;
  readonly replaced: Replaced;
}

interface Asked {
  readonly worker: number;
  readonly source: number;
  migrated: MigratedCount;
  connections: number;
  answer: Promise<void> | null;
}

/** Adds up what the workers count. */
export class CrewMetrics {
  readonly contentType = EXPOSITION_CONTENT_TYPE;
  readonly #own: Metrics;
  readonly #state: () => CrewState;
  readonly #sum = new MetricsSum();
  readonly #asked = new Map<WorkerLink, Asked>();
  #collecting: Promise<void> = Promise.resolve();

  constructor(own: Metrics, state: () => CrewState) {
    this.#own = own;
    this.#state = state;
  }

  /** A worker, by its number, serves from now on. */
  add(worker: number, link: WorkerLink): void {
    const source = freeNumber([...this.#asked.values()].map((asked) => asked.source));
    const asked: Asked = {
      worker,
      source,
      migrated: { byFeature: 0, total: 0 },
      connections: 0,
      answer: null,
    };
    this.#asked.set(link, asked);
    void link.ended.then(() => {
      this.#sum.leave(source);
      this.#asked.delete(link);
    });
    void this.#askAgainAndAgain(link);
  }

  /** What a worker said; false if it is not about metrics. */
  take(link: WorkerLink, message: ToPrimary): boolean {
    const asked = this.#asked.get(link);
    if (asked === undefined) return false;
    if (message.kind === 'metrics_text') this.#sum.take(asked.source, message.text);
    else if (message.kind === 'connections') asked.connections = message.open;
    else return false;
    return true;
  }

  /** Asks a worker for its counts; with `close`, for its last ones, at its end. Resolves also when none come. */
  ask(link: WorkerLink, kind: 'metrics_wanted' | 'close' = 'metrics_wanted'): Promise<void> {
    const asked = this.#asked.get(link);
    if (asked === undefined) return Promise.resolve();
    if (kind === 'metrics_wanted' && asked.answer !== null) return asked.answer;
    const answer = (asked.answer ?? Promise.resolve()).then(async () => {
      if (link.isGone) return;
      this.#sum.begin(asked.source);
      const wanted = { answers: ['metrics_end'], limitMs: ANSWER_LIMIT_MS } as const;
      const end = await link.ask({ kind }, wanted).catch(() => null);
      if (end !== null) {
        this.#sum.end(asked.source);
        asked.migrated = end.migrated;
      }
      if (asked.answer === answer) asked.answer = null;
    });
    asked.answer = answer;
    return answer;
  }

  async *exposition(): AsyncGenerator<string, void, undefined> {
    const all = Promise.all([...this.#asked.keys()].map((link) => this.ask(link)));
    await Promise.race([all, wait(SCRAPE_WAIT_MS)]);
    this.#collecting = this.#collecting.then(() => this.#collectOwn());
    await this.#collecting;
    const migrated = [...this.#asked.values()].map((asked) => asked.migrated);
    const byFeature = migrated.reduce((sum, counts) => sum + counts.byFeature, 0);
    const total = migrated.reduce((sum, counts) => sum + counts.total, 0);
    yield* this.#sum.render({ banyan_migrated_requests_ratio: byFeature / total });
  }

  async #askAgainAndAgain(link: WorkerLink): Promise<void> {
    while (this.#asked.has(link)) {
      const from = performance.now();
      await this.ask(link);
      await wait(Math.max(IDLE_MS, IDLE_FACTOR * (performance.now() - from)));
    }
  }

  async #collectOwn(): Promise<void> {
    this.#sum.begin(PRIMARY);
    for await (const text of this.#own.exposition()) this.#sum.take(PRIMARY, text);
    const shown = { state: this.#state(), asked: [...this.#asked.values()] };
    for await (const text of expositionOf(CREW_FAMILIES, [shown])) this.#sum.take(PRIMARY, text);
    this.#sum.end(PRIMARY);
  }
}

interface Shown {
  readonly state: CrewState;
  readonly asked: readonly Asked[];
}

const CREW_FAMILIES: readonly MetricFamily<Shown>[] = [
  {
    name: 'banyan_workers',
    type: 'gauge',
    help: 'Worker processes: those that were configured, and those that serve.',
    lines: (name, { state }) =>
      `${name}{state="configured"} ${state.configured}\n${name}{state="serving"} ${state.serving}\n`,
  },
  {
    name: 'banyan_workers_replaced_total',
    type: 'counter',
    help: 'Workers replaced, since they ended by themselves or by a restart that was asked for.',
    lines: (name, { state: { replaced } }) =>
      `${name}{reason="crash"} ${replaced.crash}\n${name}{reason="restart"} ${replaced.restart}\n`,
  },
  {
    name: 'banyan_worker_connections',
    type: 'gauge',
    help: 'Client connections open, by worker.',
    lines: (name, { asked }) => connectionLines(name, asked),
  },
];

/** While one worker replaces another, both have the same number. */
function connectionLines(name: string, asked: readonly Asked[]): string {
  const open = new Map<number, number>();
  for (const { worker, connections } of asked) open.set(worker, (open.get(worker) ?? 0) + connections);
  return [...open].map(([worker, count]) => `${name}{worker="${worker}"} ${count}\n`).join('');
}

/** The first number above the primary's that is not taken. */
function freeNumber(taken: readonly number[]): number {
  let number = PRIMARY + 1;
  while (taken.includes(number)) number += 1;
  return number;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
