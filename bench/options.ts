/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { WORKLOADS } from './workloads.ts';

/** What a run does. */
export interface BenchOptions {
  /** Ids of workloads, and of what is beside them; null: all of them. */
  readonly only: readonly string[] | null;
  /** Ids of peers; null: all of them. */
  readonly peers: readonly string[] | null;
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** The longest warm-up of a proxy under one workload; null: as long as it takes. */
  readonly warmUpSeconds: number | null;
  /** Where the results are written; null: into docs/, if the run is a whole one. */
  readonly out: string | null;
  /** The commit to measure; null: the work tree. */
  readonly at: string | null;
  /** Measure another build of Banyan beside this one, and nothing else. */
  readonly compare: boolean;
  /** The other build's commit; null: the last tag. */
  readonly against: string | null;
  readonly help: boolean;
}

/** The peers' ids, as `allPeers` has them. */
export const PEER_IDS = [
  'banyan',
  'banyan-fastify',
  'nginx',
  'haproxy',
  'caddy',
  'plugin',
  'middleware',
  'relay',
] as const;

/** What is measured beside the workloads: memory of idle connections, finding a route, and a second worker. */
export const BESIDE = { idle: 'idle', match: 'match', workers: 'workers' } as const;

const USUAL = { rounds: 7, seconds: 0.4, only: null } as const;
const QUICK = { rounds: 5, seconds: 0.3, only: ['small-64', '10k', 'chunked', 'headers'] } as const;
/** Two builds of the same are near to each other, so more rounds are needed to tell them apart. */
const COMPARE = { rounds: 15, seconds: 0.5, only: ['small-64', '10k'] } as const;

/** Wrong usage, for people. */
export class UsageError extends Error {}

/** Throws a UsageError that names the option. */
export function optionsFrom(args: readonly string[]): BenchOptions {
  const { values } = parsed(args);
  const usual = values.compare ? COMPARE : values.quick ? QUICK : USUAL;
  const names = [...WORKLOADS.map(({ id }) => id), ...Object.values(BESIDE)];
  return {
    only: listOf('--only', values.only, names) ?? usual.only,
    peers: listOf('--peers', values.peers, PEER_IDS),
    rounds: numberOf('--rounds', values.rounds, { usual: usual.rounds, most: 100, whole: true }),
    seconds: numberOf('--seconds', values.seconds, { usual: usual.seconds, most: 30, whole: false }),
    warmUpSeconds:
      values['warm-up'] === undefined
        ? null
        : numberOf('--warm-up', values['warm-up'], { usual: 0, most: 60, whole: false }),
    out: values.out ?? null,
    at: values.at ?? null,
    compare: values.compare === true,
    against: values.against ?? null,
    help: values.help === true,
  };
}

/** For `--help`. */
export function usageText(): string {
  const workloads = WORKLOADS.map(({ id, title }) => `  ${id.padEnd(16)}${title}`);
  return `npm run bench -- [OPTIONS]        Banyan beside other proxies, on 127.0.0.1, in one run
npm run bench:quick -- [OPTIONS]  this tree beside the last release, or beside --against COMMIT

  --only A,B      these workloads (below); without it, all
  --peers A,B     these proxies: ${PEER_IDS.join(', ')}
  --rounds N      measurements of each proxy under each workload (${USUAL.rounds}; bench:quick ${COMPARE.rounds})
  --seconds S     of one measurement (${USUAL.seconds})
  --warm-up S     at most so long before a workload; without it, until a proxy has had some thousand requests
  --quick         a few workloads, ${QUICK.rounds} rounds of ${QUICK.seconds} s: about a minute and a half
  --out DIR       write table, plot and numbers there; without it a whole run writes docs/performance.md and .svg
  --at COMMIT     measure that commit instead of the work tree
  --against C     bench:quick: the commit to compare with
  --help

Workloads:
${workloads.join('\n')}
  ${BESIDE.idle.padEnd(16)}memory of idle connections
  ${BESIDE.match.padEnd(16)}finding a route among 10, 1 000 and 50 000, without sockets
  ${BESIDE.workers.padEnd(16)}Banyan as one process and with two workers

A whole run takes about twelve minutes. The proxies run one at a time, each pinned to one core.
`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        'warm-up': { type: 'string' },
        out: { type: 'string' },
        quick: { type: 'boolean' },
        at: { type: 'string' },
        compare: { type: 'boolean' },
        against: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function listOf(
  option: string,
  value: string | undefined,
  known: readonly string[],
): readonly string[] | null {
  if (value === undefined) return null;
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined || names.length === 0)
    throw new UsageError(`${option}: "${wrong ?? value}" is none of ${known.join(', ')}`);
  return names;
}

function numberOf(
  option: string,
  value: string | undefined,
  { usual, most, whole }: { usual: number; most: number; whole: boolean },
): number {
  const number = value === undefined ? usual : Number(value);
  if (!(number > 0) || number > most || (whole && !Number.isInteger(number)))
    throw new UsageError(
      `${option}: "${value}" is not a ${whole ? 'whole ' : ''}number above 0 and up to ${most}`,
    );
  return number;
}
