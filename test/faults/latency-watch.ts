import { type Address, get, RawClient } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';

/** How long requests took, ms. */
export interface Latencies {
  readonly count: number;
  readonly medianMs: number;
  readonly slowestMs: number;
  /** Not answered by 200. */
  readonly failed: number;
}

/** One client that asks for the same thing every few milliseconds, to see whether others are disturbed. */
export class LatencyWatch {
  readonly #times: number[] = [];
  readonly #asking: Promise<void>;
  #failed = 0;
  #isStopped = false;

  constructor(address: Address, target: string) {
    this.#asking = this.#ask(address, target);
  }

  /** What was seen since the last time this was asked. */
  take(): Latencies {
    const times = this.#times.splice(0).sort((a, b) => a - b);
    const failed = this.#failed;
    this.#failed = 0;
    const at = (share: number): number => Math.round(times[Math.floor((times.length - 1) * share)] ?? 0);
    return { count: times.length, medianMs: at(0.5), slowestMs: at(1), failed };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#asking;
  }

  async #ask(address: Address, target: string): Promise<void> {
    let client = await RawClient.connect(address);
    while (!this.#isStopped) {
      const from = performance.now();
      client.send(get(target));
      const answer = await client.readAnswer().catch(() => null);
      this.#times.push(performance.now() - from);
      if (answer?.status !== 200) {
        this.#failed += 1;
        client.destroy();
        client = await RawClient.connect(address);
      }
      await sleep(10);
    }
    client.destroy();
  }
}
