import { Option } from 'commander';
import { type ListenAddress, parseListenAddress } from '../model/listen-address.ts';
import { parseDuration } from '../model/units.ts';
import { SETTINGS } from '../setting-list.ts';
import type { CliIo } from './cli-io.ts';
import { routesFileOf, routesOption } from './setting-options.ts';

/** What every verb takes that changes something and then waits for the router. */
export interface EditOptions {
  readonly verb: string;
  readonly file: string;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly admin: ListenAddress;
  /** `--admin` was given: then a router has to be there. */
  readonly isAdminGiven: boolean;
}

type Flags = Readonly<Record<string, unknown>>;
const TIMEOUT = '10s';

/** `--admin`, for verbs that ask a running router. */
export function adminOption(): Option {
  const { variable, standard, argument } = SETTINGS.admin;
  return new Option(
    `--admin <${argument}>`,
    `the router's admin listener (${variable}, default ${standard})`,
  );
}

/** The flags, for the help. */
export function editOptions(): Option[] {
  return [
    routesOption(),
    adminOption(),
    new Option('--dry-run', 'show the diff, change nothing'),
    new Option('--json', 'as JSON'),
    new Option('--no-wait', 'do not wait until it is in force'),
    new Option('--timeout <DURATION>', `how long to wait (default ${TIMEOUT})`),
  ];
}

/** What the flags say; a text is what is wrong with them. */
export function readEditOptions(verb: string, flags: Flags, env: CliIo['env']): EditOptions | string {
  const timeout = String(flags['timeout'] ?? TIMEOUT);
  const timeoutMs = parseDuration(timeout);
  if (timeoutMs === null) return `--timeout: "${timeout}" is not a duration (500ms, 2s, 1m)`;
  const admin = readAdmin(flags, env);
  if (typeof admin === 'string') return admin;
  return {
    verb,
    file: routesFileOf(flags, env),
    dryRun: flags['dryRun'] === true,
    json: flags['json'] === true,
    wait: flags['wait'] !== false,
    timeoutMs,
    admin,
    isAdminGiven: flags['admin'] !== undefined,
  };
}

/** Where the router's admin listener is: `--admin`, else its variable, else the default; a text is what is wrong. */
export function readAdmin(flags: Flags, env: CliIo['env']): ListenAddress | string {
  const { variable, standard } = SETTINGS.admin;
  const text = String(flags['admin'] ?? (env[variable] || standard));
  const address = parseListenAddress(text);
  if (!('problem' in address)) return address;
  return `${flags['admin'] === undefined ? variable : '--admin'}: "${text}" ${address.problem}`;
}
