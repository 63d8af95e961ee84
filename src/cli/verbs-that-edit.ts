/** The part of the command line that changes what is in force, and shows it. */
import { type Command, Option } from 'commander';
import { type CliIo, EXIT } from './cli-io.ts';
import type { EditOptions } from './edit-options.ts';
import { adminOption, editOptions, readAdmin, readEditOptions } from './edit-options.ts';
import type { EditDeps } from './edit-routes-verb.ts';
import { routesFileOf, routesOption } from './setting-options.ts';

/** What they hang on. */
export interface EditVerbDeps {
  readonly io: CliIo;
  readonly exit: (code: number) => void;
}

type Flags = Readonly<Record<string, unknown>>;
type Run = (options: EditOptions, deps: EditDeps) => Promise<number>;

/** Adds `status`, `mismatches`, `set`, `rollback`, `legacy-only` and `carve`. */
export function addEditVerbs(program: Command, deps: EditVerbDeps): void {
  addStatus(program, deps);
  addMismatches(program, deps);
  addSet(program, deps);
  addRollback(program, deps);
  addLegacyOnly(program, deps);
  addCarve(program, deps);
}

function addStatus(program: Command, { io, exit }: EditVerbDeps): void {
  program
    .command('status')
    .description('show what is in force: features, stages, who answers and why')
    .addOption(adminOption())
    .addOption(routesOption())
    .option('--json', 'as JSON')
    .addHelpText('after', example('banyan status --admin 127.0.0.1:9901'))
    .action(async (flags: Flags) => {
      const admin = readAdmin(flags, io.env);
      if (typeof admin === 'string') return wrongUsage('status', admin, { io, exit });
      const { status } = await import('./status.ts');
      const file = routesFileOf(flags, io.env);
      const { output, exitCode } = await status({ file, admin, json: flags['json'] === true, env: io.env });
      io.out(output);
      exit(exitCode);
    });
}

function addMismatches(program: Command, { io, exit }: EditVerbDeps): void {
  program
    .command('mismatches')
    .description('show what differs between a feature and legacy, by field, as far as answers were compared')
    .argument('<FEATURE>', 'as routes.yaml names it')
    .option('--limit <FIELDS>', 'of each route (20; 0: all)')
    .addOption(adminOption())
    .option('--json', 'as JSON, with samples')
    .addHelpText('after', example('banyan mismatches search', 'banyan mismatches search --json'))
    .action(async (feature: string, flags: Flags) => {
      const admin = readAdmin(flags, io.env);
      if (typeof admin === 'string') return wrongUsage('mismatches', admin, { io, exit });
      const limit = Number(flags['limit'] ?? 20);
      if (!Number.isInteger(limit) || limit < 0)
        return wrongUsage('mismatches', '--limit must be a whole number', { io, exit });
      const { mismatches } = await import('./mismatches.ts');
      const { output, exitCode } = await mismatches({ feature, admin, limit, json: flags['json'] === true });
      io.out(output);
      exit(exitCode);
    });
}

function addSet(program: Command, deps: EditVerbDeps): void {
  const command = program
    .command('set')
    .description('move a feature to a stage, in routes.yaml, and wait until it is in force')
    .argument('<FEATURE>', 'as routes.yaml names it')
    .argument('<STAGE>', 'legacy, shadow, canary, live or done')
    .option('--share <PERCENT>', 'of clients that a canary gives to the feature: 10%')
    .addHelpText('after', example('banyan set orders canary --share 10%', 'banyan set orders live --dry-run'))
    .action(async (feature: string, stage: string, flags: Flags) => {
      const { setStage } = await import('./set.ts');
      const share = (flags['share'] as string | undefined) ?? null;
      await run('set', flags, deps, (options, edits) => setStage({ feature, stage, share }, options, edits));
    });
  addOptions(command);
}

function addRollback(program: Command, deps: EditVerbDeps): void {
  const command = program
    .command('rollback')
    .description('give a feature, or one route, back to legacy, now')
    .argument('<FEATURE|ROUTE>', 'a feature gets stage legacy, a route is put into legacy_only')
    .addHelpText('after', example('banyan rollback orders'))
    .action(async (name: string, flags: Flags) => {
      const { rollback } = await import('./rollback.ts');
      await run('rollback', flags, deps, (options, edits) => rollback(name, options, edits));
    });
  addOptions(command);
}

function addLegacyOnly(program: Command, deps: EditVerbDeps): void {
  const command = program
    .command('legacy-only')
    .description('let legacy alone answer, by the file LEGACY_ONLY; needs no sound routes.yaml')
    .argument('<on|off>', 'on, or off')
    .argument('[NAMES...]', 'features and routes; none: everything')
    .addHelpText(
      'after',
      example('banyan legacy-only on', 'banyan legacy-only on orders', 'banyan legacy-only off'),
    )
    .action(async (word: string, names: string[], flags: Flags) => {
      if (word !== 'on' && word !== 'off')
        return wrongUsage(
          'legacy-only',
          `"${word}": say on or off, then names: banyan legacy-only on ${word}`,
          deps,
        );
      const { legacyOnly } = await import('./legacy-only.ts');
      await run('legacy-only', flags, deps, (options, edits) =>
        legacyOnly({ isOn: word === 'on', names: names.flatMap(words) }, options, edits),
      );
    });
  addOptions(command);
}

function addCarve(program: Command, deps: EditVerbDeps): void {
  const command = program
    .command('carve')
    .description('put a route into routes.yaml, and its feature, in stage legacy, if it is new')
    .argument('<PATH>', 'this path and all below it; a segment :id stands for any')
    .addOption(new Option('--to <NAME>', 'the feature (or legacy)').makeOptionMandatory())
    .option('--url <URL>', 'where a new feature is: http://orders:3000')
    .option('--exact', 'this path alone')
    .option('--methods <METHODS>', 'for these methods alone: GET,POST')
    .option('--hosts <HOSTS>', 'for these hosts alone: shop.example.com')
    .option('--name <NAME>', "the route's name")
    .addHelpText('after', example('banyan carve /api/orders --to orders --url http://orders:3000'))
    .action(async (path: string, flags: Flags) => {
      const { carve } = await import('./carve.ts');
      const given = {
        path,
        to: String(flags['to']),
        url: (flags['url'] as string | undefined) ?? null,
        exact: flags['exact'] === true,
        methods: words(flags['methods']),
        hosts: words(flags['hosts']),
        name: (flags['name'] as string | undefined) ?? null,
      };
      await run('carve', flags, deps, (options, edits) => carve(given, options, edits));
    });
  addOptions(command);
}

function addOptions(command: Command): void {
  for (const option of editOptions()) command.addOption(option);
}

async function run(verb: string, flags: Flags, deps: EditVerbDeps, verbOf: Run): Promise<void> {
  const options = readEditOptions(verb, flags, deps.io.env);
  if (typeof options === 'string') wrongUsage(verb, options, deps);
  else deps.exit(await verbOf(options, { io: deps.io }));
}

function wrongUsage(verb: string, problem: string, { io, exit }: EditVerbDeps): void {
  io.err(`banyan ${verb}: ${problem}\n`);
  exit(EXIT.usage);
}

/** A list with commas between: people write it with either. */
function words(text: unknown): string[] {
  return String(text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function example(...lines: readonly string[]): string {
  return `\nFor example:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
