import { Option } from 'commander';
import { SETTINGS, type Setting } from '../setting-list.ts';

/**
 * The flags of `serve`, from the list of settings. Defaults and variables are only shown here: parseSettings applies
 * them, so that it can say where a wrong value came from.
 */
export function settingOptions(): Option[] {
  return Object.values<Setting<unknown>>(SETTINGS).map(optionOf);
}

/** `--routes`, for the other verbs that read the file. */
export function routesOption(): Option {
  return optionOf(SETTINGS.routesFile);
}

/** The routes file of those verbs: `--routes`, else ROUTES_FILE, else the default. */
export function routesFileOf(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const { flag, variable, standard } = SETTINGS.routesFile;
  return String(flags[flag] ?? (env[variable] || standard));
}

function optionOf(setting: Setting<unknown>): Option {
  const standard = setting.standard === '' ? '' : `, default ${setting.standard}`;
  const argument = setting.hasOptionalValue ? `[${setting.argument}]` : `<${setting.argument}>`;
  const option = new Option(
    `--${setting.flag} ${argument}`,
    `${setting.help} (${setting.variable}${standard})`,
  );
  return setting.repeats ? option.argParser(collect) : option;
}

/** For options that may be given again. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
