/** What must be undone however a run ends: at its end, by an error, by Ctrl-C. */
export class CleanUp {
  readonly #steps: (() => void)[] = [];

  /** The last step that was added is taken first. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Each step once; one that fails does not keep the others from being taken. */
  run(): void {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        step();
      } catch (error) {
        console.error(`cleaning up: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }

  /** Ctrl-C and the like: clean up, then end as a process does that was interrupted. */
  onSignals(): void {
    for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
      process.once(signal, () => {
        this.run();
        process.exit(128 + number);
      });
    }
  }
}
