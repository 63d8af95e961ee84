import type { CliIo } from './cli-io.ts';

/** What a verb that changes something has to say: lines for people, or one JSON object at its end. */
export class VerbReport {
  readonly isJson: boolean;
  readonly #io: Pick<CliIo, 'out' | 'err'>;
  readonly #verb: string;
  readonly #fields: Record<string, unknown> = {};

  constructor(
    io: Pick<CliIo, 'out' | 'err'>,
    { verb, json }: { readonly verb: string; readonly json: boolean },
  ) {
    this.#io = io;
    this.#verb = verb;
    this.isJson = json;
  }

  /** What came of it: for people, on standard output. */
  say(text: string): void {
    if (!this.isJson) this.#io.out(`${text}\n`);
  }

  /** Progress and doubts: on standard error. */
  note(text: string): void {
    this.#io.err(`${text}\n`);
  }

  /** Why it could not be done: on standard error, under the verb's name, and `problem` of the JSON. */
  fail(text: string): void {
    this.#io.err(`banyan ${this.#verb}: ${text}\n`);
    this.#fields['problem'] = text;
  }

  /** Fields of the JSON. */
  put(fields: Readonly<Record<string, unknown>>): void {
    Object.assign(this.#fields, fields);
  }

  /** The end. Gives the code back. */
  end(exitCode: number): number {
    if (this.isJson) {
      const whole = { verb: this.#verb, exit_code: exitCode, ...this.#fields };
      this.#io.out(`${JSON.stringify(whole, null, 2)}\n`);
    }
    return exitCode;
  }
}
