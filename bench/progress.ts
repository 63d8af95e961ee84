/** Tells on stderr how far a run is. */
export class Progress {
  readonly #total: number;
  readonly #startedAt = performance.now();
  readonly #live: boolean;
  #done = 0;
  #saidAt = 0;

  constructor(total: number, live: boolean = process.stderr.isTTY === true) {
    this.#total = total;
    this.#live = live;
  }

  /** One more measurement is there. On a terminal one line is written over; elsewhere a line now and then. */
  step(what: string): void {
    this.#done += 1;
    const now = performance.now();
    if (!this.#live && now - this.#saidAt < 10_000 && this.#done < this.#total) return;
    this.#saidAt = now;
    const passed = now - this.#startedAt;
    const left = (passed / this.#done) * (this.#total - this.#done);
    const text = `${this.#done}/${this.#total} ${what}; ${clock(passed)} passed, about ${clock(left)} left`;
    process.stderr.write(this.#live ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Something that stays on the screen. */
  say(text: string): void {
    process.stderr.write(this.#live ? `\r\u001b[K${text}\n` : `${text}\n`);
  }
}

/** `1:05`. */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
