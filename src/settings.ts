/**
 * What the process was told at its start: a flag, else its variable, else the default. Complete, typed and frozen, so
 * that no part asks the environment by itself. Every problem is found at once, each named by where it was given:
 * `--listen: "0.0.0.0:99999" is not a port (0–65535)`.
 */
import { formatAddress, type ListenAddress } from './model/listen-address.ts';
import type { LogFormat } from './model/log-format.ts';
import { SETTINGS, type Setting } from './setting-list.ts';
import { UnreadableSetting } from './setting-readers.ts';

type SettingList = typeof SETTINGS;
type Name = keyof SettingList;
type ValueOf<Key extends Name> = SettingList[Key] extends Setting<infer Value> ? Value : never;

/** Settings that hold a list, or may be absent, differ from what one text gives. */
type Plain = Exclude<
  Name,
  'adminHosts' | 'stateDir' | 'logFormat' | 'mismatchLog' | 'tlsListen' | 'tlsCertFiles' | 'tlsKeyFiles'
>;

/** All settings, complete. Sizes in bytes, `…Ms` in milliseconds; 0 is no limit where the list says so. */
export type Settings = { readonly [Key in Plain]: ValueOf<Key> } & {
  readonly adminHosts: readonly string[];
  /** null: no TLS for clients. */
  readonly tlsListen: ListenAddress | null;
  /** As many as there are keys, in the same order. */
  readonly tlsCertFiles: readonly string[];
  readonly tlsKeyFiles: readonly string[];
  /** null: nothing is kept. */
  readonly stateDir: string | null;
  readonly logFormat: LogFormat;
  /** Bytes; null: none is written. */
  readonly mismatchLog: number | null;
};

/** Where settings come from. */
export interface SettingSources {
  /** By the flag's name in camel case (`maxUrl`), as the command line's parser gives them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output is a terminal. */
  readonly terminal: boolean;
}

/** The settings, or everything that is wrong with them, one line each. */
export type ParsedSettings =
  | { readonly settings: Settings; readonly problems: readonly [] }
  | { readonly settings: null; readonly problems: readonly string[] };

/** Reads all settings. An empty variable counts as not set, since Compose passes those on. */
export function parseSettings(sources: SettingSources): ParsedSettings {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [Name, Setting<unknown>][]) {
    values[name] = readSetting(setting, sources, problems);
  }
  values['logFormat'] ??= sources.terminal ? 'pretty' : 'json';
  const settings = Object.freeze(values) as unknown as Settings;
  if (problems.length === 0) problems.push(...conflicts(settings));
  return problems.length > 0 ? { settings: null, problems } : { settings, problems: [] };
}

/** The name of a flag among the parsed ones: `max-url` is `maxUrl`. */
export function flagKey(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

interface Given {
  readonly where: string;
  readonly texts: readonly string[];
}

function givenFor(setting: Setting<unknown>, { flags, env }: SettingSources): Given | null {
  const flag = flags[flagKey(setting.flag)];
  if (flag !== undefined) return { where: `--${setting.flag}`, texts: [flag].flat().map(String) };
  const variable = env[setting.variable];
  if (variable === undefined || variable === '') return null;
  return { where: setting.variable, texts: setting.repeats ? variable.split(',') : [variable] };
}

function readSetting(setting: Setting<unknown>, sources: SettingSources, problems: string[]): unknown {
  const given = givenFor(setting, sources);
  const texts = given?.texts ?? (setting.standard === '' ? [] : [setting.standard]);
  const values: unknown[] = [];
  for (const text of texts) {
    try {
      values.push(text === '' ? unreadable('is empty') : setting.read(text.trim()));
    } catch (error) {
      if (!(error instanceof UnreadableSetting)) throw error;
      problems.push(`${given?.where}: "${text}" ${error.message}`);
    }
  }
  return setting.repeats ? Object.freeze(values) : (values.at(-1) ?? null);
}

function unreadable(problem: string): never {
  throw new UnreadableSetting(problem);
}

function conflicts(settings: Settings): string[] {
  const { listen, admin, tlsListen } = settings;
  const problems = isSamePlace(listen, admin) ? [taken('admin', admin, 'listen')] : [];
  if (tlsListen !== null) {
    if (isSamePlace(tlsListen, listen)) problems.push(taken('tls-listen', tlsListen, 'listen'));
    if (isSamePlace(tlsListen, admin)) problems.push(taken('tls-listen', tlsListen, 'admin'));
  }
  if (settings.mismatchLog !== null && settings.stateDir === null)
    problems.push('--mismatch-log: needs --state, the folder for it');
  return [...problems, ...tlsConflicts(settings)];
}

function tlsConflicts({ tlsListen, tlsCertFiles, tlsKeyFiles, tlsRedirectPort, front }: Settings): string[] {
  const counts = `${tlsCertFiles.length} --tls-cert and ${tlsKeyFiles.length} --tls-key`;
  if (tlsCertFiles.length !== tlsKeyFiles.length)
    return [`--tls-key: ${counts}: each certificate has its own key, in the same order`];
  if (tlsListen !== null) {
    if (tlsCertFiles.length === 0) return ['--tls-listen: needs --tls-cert and --tls-key'];
    return front === 'wire' ? [] : ['--tls-listen: needs --front wire'];
  }
  if (tlsCertFiles.length > 0) return ['--tls-cert: needs --tls-listen'];
  return tlsRedirectPort === null ? [] : ['--tls-redirect: needs --tls-listen'];
}

function taken(flag: string, { host, port }: ListenAddress, by: string): string {
  return `--${flag}: "${formatAddress(host, port)}" is taken by --${by}`;
}

function isSamePlace(a: ListenAddress, b: ListenAddress): boolean {
  if (a.port === 0 || a.port !== b.port) return false;
  return a.host === b.host || [a.host, b.host].some((host) => ['0.0.0.0', '::'].includes(host));
}
