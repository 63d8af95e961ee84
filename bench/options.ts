/** The command line of the bench. */
import { parseArgs } from 'node:util';

/** What a run does. */
export interface BenchOptions {
  readonly only: readonly string[] | null;
  readonly peers: readonly string[] | null;
  readonly rounds: number;
  /** Of one slot. */
  readonly seconds: number;
  readonly out: string | null;
  /** The commit to measure; null: the work tree. */
  readonly at: string | null;
  readonly compare: boolean;
  readonly against: string | null;
  readonly help: boolean;
}

/** Of a run without options: about eleven minutes. */
export const USUAL = { rounds: 7, seconds: 0.5 } as const;
/** Of `--quick`: about a minute. */
export const QUICK = { rounds: 5, seconds: 0.3, only: ['small-64', '10k', 'chunked', 'headers'] } as const;

/** Wrong usage, for people. */
export class UsageError extends Error {}

/** Throws a UsageError that names the option. */
export function optionsFrom(args: readonly string[]): BenchOptions {
  const { values } = parsed(args);
  const usual = values.quick === true ? QUICK : USUAL;
  return {
    only: listOf(values.only) ?? ('only' in usual ? usual.only : null),
    peers: listOf(values.peers),
    rounds: numberOf('--rounds', values.rounds, { usual: usual.rounds, most: 100, whole: true }),
    seconds: numberOf('--seconds', values.seconds, { usual: usual.seconds, most: 30, whole: false }),
    out: values.out ?? null,
    at: values.at ?? null,
    compare: values.compare === true,
    against: values.against ?? null,
    help: values.help === true,
  };
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

function listOf(value: string | undefined): readonly string[] | null {
  const names = value?.split(',').map((name) => name.trim());
  return names?.filter((name) => name !== '') ?? null;
}

function numberOf(
  option: string,
  value: string | undefined,
  { usual, most, whole }: { usual: number; most: number; whole: boolean },
): number {
  const number = value === undefined ? usual : Number(value);
  if (!(number > 0) || number > most || (whole && !Number.isInteger(number)))
    throw new UsageError(`${option}: "${value}" is not a ${whole ? 'whole ' : ''}number up to ${most}`);
  return number;
}
