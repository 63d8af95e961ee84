/**
 * The command line: which verbs there are and what each takes. A verb's work is in a file of its own, loaded when it is
 * called; it gets what it needs and gives back an exit code.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../model/version.ts';
import { type CliIo, EXIT, hasColors } from './cli-io.ts';
import type { DemoDeps } from './demo.ts';
import { collect, routesFileOf, routesOption, settingOptions } from './setting-options.ts';
import type { VerbResult } from './validate.ts';
import { addEditVerbs } from './verbs-that-edit.ts';

/** What the verbs hang on: the demo's needs are everyone's. */
export type ProgramDeps = DemoDeps;

type Flags = Readonly<Record<string, unknown>>;
/** Takes the exit code of the verb that ran. */
type Exit = (code: number) => void;

/** Verbs that a later version has: refused, with the reason. */
export const LATER_VERBS = ['test', 'replay', 'surface', 'export', 'graduate', 'fmt'] as const;

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

/** The command line's tree. */
function buildProgram(deps: ProgramDeps, exit: Exit): Command {
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
  addValidate(program, deps, exit);
  addExplain(program, deps, exit);
  addSchema(program, deps, exit);
  addEditVerbs(program, { io, exit });
  addDemo(program, deps, exit);
  for (const verb of LATER_VERBS) addLater(program, verb, { io, exit });
  addHelp(program);
  return program;
}

/** Commander's own says `[command]`, and answers a verb that there is not with the whole help. */
function addHelp(program: Command): void {
  program
    .command('help', { hidden: true })
    .argument('[VERB]')
    .action((verb: string | undefined) => {
      const meant = verb === undefined ? program : program.commands.find((one) => one.name() === verb);
      if (meant === undefined) program.error(`error: unknown command '${verb}'`);
      else meant.help();
    });
}

function addServe(program: Command, deps: ProgramDeps, exit: Exit): void {
  const { io, onServing, startIn } = deps;
  const command = program
    .command('serve')
    .description('run the router')
    .action(async (flags: Flags) => {
      const { serve } = await import('./serve.ts');
      exit(await serve(flags, { io, onServing, start: startIn(io.env) }));
    });
  for (const option of settingOptions()) command.addOption(option);
}

function addDemo(program: Command, deps: ProgramDeps, exit: Exit): void {
  const command = program
    .command('demo')
    .description('run the example shop behind a router, without Docker; takes the flags of serve')
    .action(async (flags: Flags) => {
      const { demo } = await import('./demo.ts');
      exit(await demo(flags, deps));
    });
  for (const option of settingOptions()) command.addOption(option.hideHelp());
}

function addValidate(program: Command, { io }: ProgramDeps, exit: Exit): void {
  const run = async (file: string | undefined, flags: Flags): Promise<void> => {
    const options = {
      file: file ?? routesFileOf(flags, io.env),
      strict: flags['strict'] === true,
      json: flags['json'] === true,
      color: hasColors(io),
      env: io.env,
    };
    const { validate } = await import('./validate.ts');
    finish(await validate(options), io, exit);
  };
  program
    .command('validate')
    .description('check a routes file: every mistake, with its place')
    .argument('[FILE]', 'the routes file')
    .addOption(routesOption())
    .option('--strict', 'warnings fail too (exit code 1)')
    .option('--json', 'as JSON')
    .action(run);
}

function addExplain(program: Command, { io }: ProgramDeps, exit: Exit): void {
  const run = async (method: string, url: string, flags: Flags): Promise<void> => {
    const options = {
      method,
      url,
      headers: flags['header'] as string[],
      cookies: flags['cookie'] as string[],
      client: (flags['client'] as string | undefined) ?? null,
      file: routesFileOf(flags, io.env),
      json: flags['json'] === true,
      env: io.env,
    };
    const { explainCommand } = await import('./explain.ts');
    finish(await explainCommand(options), io, exit);
  };
  program
    .command('explain')
    .description('say what would be done with a request, and why')
    .argument('<METHOD>', 'GET, POST, …')
    .argument('<URL>', 'a path with its query, or http(s)://HOST/path')
    .option('-H, --header <FIELD>', "a header, 'name: value' (may be given again)", collect, [])
    .option('--cookie <COOKIE>', 'name=value (may be given again)', collect, [])
    .option('--client <ADDRESS>', "the client's address (127.0.0.1)")
    .addOption(routesOption())
    .option('--json', 'as JSON')
    .action(run);
}

function addSchema(program: Command, { io }: ProgramDeps, exit: Exit): void {
  program
    .command('schema')
    .description('print the JSON Schema of routes.yaml, for editors')
    .action(async () => {
      const { schema } = await import('./schema.ts');
      finish(schema(), io, exit);
    });
}

function finish({ output, exitCode }: VerbResult, io: CliIo, exit: Exit): void {
  if (exitCode === EXIT.usage) io.err(output);
  else io.out(output);
  exit(exitCode);
}

function addLater(program: Command, verb: string, { io, exit }: { io: CliIo; exit: Exit }): void {
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
