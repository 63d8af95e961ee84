/** What a verb may touch of the process: handed in by main.ts, so that verbs run in tests as well. */
export interface CliIo {
  /** Standard output, as it is: with its line ends. */
  readonly out: (text: string) => void;
  /** Standard error. */
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output is a terminal. */
  readonly terminal: boolean;
  /** Calls back at each such signal, from now on. */
  readonly onSignal: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGUSR2', then: () => void) => void;
}

/** What `banyan` exits with (sysexits' EX_CONFIG is 78). */
export const EXIT = { ok: 0, failed: 1, usage: 2, badConfig: 78 } as const;

/** Whether to colour what goes to standard output; NO_COLOR (https://no-color.org) set to anything but nothing: no. */
export function hasColors({ terminal, env }: Pick<CliIo, 'terminal' | 'env'>): boolean {
  return terminal && !env['NO_COLOR'];
}
