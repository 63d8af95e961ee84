/**
 * The command line: which verbs there are and what each takes. A verb's work is in a file of its own; it gets what it
 * needs and gives back an exit code.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../model/version.ts';
import { type CliIo, EXIT } from './cli-io.ts';
import { type ServeDeps, serve } from './serve.ts';
import { settingOptions } from './setting-options.ts';

/** What the verbs hang on. */
export interface ProgramDeps extends ServeDeps {}

/** Verbs of the design that a later version has. */
export const LATER_VERBS = [
  'status',
  'carve',
  'set',
  'test',
  'rollback',
  'replay',
  'legacy-only',
  'surface',
  'mismatches',
  'export',
  'graduate',
  'fmt',
] as const;

/** Runs `banyan` with these arguments; resolves with the exit code. */
export async function runProgram(args: readonly string[], deps: ProgramDeps): Promise<number> {
  const result = { code: EXIT.ok as number };
  const program = buildProgram(deps, (code) => {
    result.code = code;
  });
  if (args.length === 0) {
    deps.io.out(program.helpInformation());
    return EXIT.ok;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return result.code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** The command line's tree; `exit` takes the code of the verb that ran. */
export function buildProgram(deps: ProgramDeps, exit: (code: number) => void): Command {
  const { io } = deps;
  const program = new Command('banyan')
    .description('An edge router that moves a monolith into containers, one feature at a time.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(prefixed(text)),
    });
  addServe(program, deps, exit);
  for (const verb of LATER_VERBS) addLater(program, verb, { io, exit });
  return program;
}

function addServe(program: Command, deps: ProgramDeps, exit: (code: number) => void): void {
  const command = program
    .command('serve')
    .description('run the router')
    .action(async (flags: Record<string, unknown>) => exit(await serve(flags, deps)));
  for (const option of settingOptions()) command.addOption(option);
}

function addLater(
  program: Command,
  verb: string,
  { io, exit }: { io: CliIo; exit: (code: number) => void },
): void {
  program
    .command(verb, { hidden: true })
    .argument('[anything...]')
    .allowUnknownOption()
    .action(() => {
      io.err(`banyan ${verb}: not supported yet\n`);
      exit(EXIT.usage);
    });
}

function prefixed(text: string): string {
  return text.replace(/^error: /, 'banyan: ');
}
