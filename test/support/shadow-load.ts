import { answerAs } from './named-backend.ts';
import { residentBytes, watchMemory } from './process-memory.ts';
import { RawBackend } from './raw-backend.ts';
import { get, post } from './raw-client.ts';
import { type RunningRouter, startRouter } from './start-router.ts';
import { type TimedFigures, timedLoad } from './timed-load.ts';
import { until } from './until.ts';

/** How much is asked. Every tenth request is a POST. */
export interface ShadowLoadOptions {
  /** Of each feature, over all rounds. */
  readonly requests: number;
  readonly rounds: number;
  readonly clients: number;
  readonly pauseMs: number;
}

/** What one feature's routes did. */
export interface SideFigures extends Omit<TimedFigures, 'max'> {
  /** Copies that its backend got, by method. */
  readonly copies: Readonly<Record<string, number>>;
  readonly dropped: number;
}

/** All of it. */
export interface ShadowLoadFigures {
  /** Without copies; with copies of everything; with a backend for the copies that never answers; with writes. */
  readonly off: SideFigures;
  readonly on: SideFigures;
  readonly hanging: SideFigures;
  readonly writes: SideFigures;
  /** Resident memory of the router, bytes. */
  readonly memory: { readonly before: number; readonly highest: number; readonly after: number };
}

const NAMES = ['off', 'on', 'hanging', 'writes'] as const;
type Name = (typeof NAMES)[number];

const SHADOW: Readonly<Record<Name, string>> = {
  off: '{ percent: 0% }',
  on: '{ noise: 1%, max_in_flight: 32 }',
  hanging: '{ max_in_flight: 32, timeout: 10m }',
  writes: '{ writes: [POST], max_in_flight: 32 }',
};

/** Four features in stage shadow beside each other, asked in turns, so that whatever else the machine does meets all. */
export async function measureShadowLoad(options: ShadowLoadOptions): Promise<ShadowLoadFigures> {
  const legacy = await RawBackend.start((request, reply) => answerAs('legacy', request, reply));
  const features = await Promise.all(NAMES.map((name) => startFeature(name)));
  const router = await startRouter(routesOf(legacy, features));
  try {
    return await measure(router, features, options);
  } finally {
    await router.stop('SIGKILL');
    await Promise.all([legacy, ...features].map((backend) => backend.stop()));
  }
}

function startFeature(name: Name): Promise<RawBackend> {
  return RawBackend.start((request, reply) =>
    name === 'hanging' ? new Promise(() => {}) : answerAs(name, request, reply),
  );
}

function routesOf(legacy: RawBackend, features: readonly RawBackend[]): string {
  return [
    `legacy: ${legacy.url}`,
    'features:',
    ...NAMES.flatMap((name, i) => [
      `  ${name}:`,
      `    url: ${features[i]?.url}`,
      '    stage: shadow',
      `    shadow: ${SHADOW[name]}`,
    ]),
    'routes:',
    ...NAMES.flatMap((name) => [`  - match: { prefix: /${name} }`, `    to: ${name}`]),
    '',
  ].join('\n');
}

async function measure(
  router: RunningRouter,
  features: readonly RawBackend[],
  options: ShadowLoadOptions,
): Promise<ShadowLoadFigures> {
  const { rounds, clients, pauseMs } = options;
  const each = (name: Name, requests: number): Promise<TimedFigures> => {
    const request = (number: number): string =>
      number % 10 === 0 ? post(`/${name}`, 'x'.repeat(1_000)) : get(`/${name}/${number}`);
    return timedLoad(router.port, { requests, clients, pauseMs, request });
  };
  // Code is compiled, pools are filled.
  for (const name of NAMES) await each(name, 300);
  // Copies follow the answers: the last ones would be counted below.
  await quiet(features);
  for (const feature of features) feature.requests.length = 0;
  const dropped = (name: string): Promise<number> =>
    router.metric('banyan_shadow_requests_total', { feature: name, outcome: 'dropped' });
  const droppedBefore = await Promise.all(NAMES.map(dropped));
  const before = await residentBytes(router.pid);
  const memory = watchMemory(router.pid);
  const all = new Map<Name, TimedFigures[]>(NAMES.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const name of NAMES) all.get(name)?.push(await each(name, options.requests / rounds));
  await quiet(features);
  const highest = await memory.stop();
  const after = await residentBytes(router.pid);
  const figures = await Promise.all(
    NAMES.map(async (name, i) => ({
      ...summed(all.get(name) as TimedFigures[]),
      copies: countByMethod(features[i] as RawBackend),
      dropped: (await dropped(name)) - (droppedBefore[i] as number),
    })),
  );
  const [off, on, hanging, writes] = figures as [SideFigures, SideFigures, SideFigures, SideFigures];
  return { off, on, hanging, writes, memory: { before, highest, after } };
}

/** Resolves when no more copies come. */
async function quiet(features: readonly RawBackend[]): Promise<void> {
  let seen = -1;
  await until(
    async () => {
      const before = seen;
      seen = features.reduce((sum, { requests }) => sum + requests.length, 0);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return before === seen;
    },
    (isQuiet) => isQuiet,
    { withinMs: 30_000, what: 'the end of copies' },
  );
}

function countByMethod({ requests }: RawBackend): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method } of requests) counts[method] = (counts[method] ?? 0) + 1;
  return counts;
}

/** The middle round of each percentile: one that somebody else's work disturbed says nothing. */
function summed(rounds: readonly TimedFigures[]): Omit<TimedFigures, 'max'> {
  const middle = (of: (figures: TimedFigures) => number): number =>
    rounds.map(of).sort((a, b) => a - b)[Math.floor((rounds.length - 1) / 2)] ?? 0;
  return {
    answered: rounds.reduce((sum, { answered }) => sum + answered, 0),
    failed: rounds.flatMap(({ failed }) => failed),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
  };
}
