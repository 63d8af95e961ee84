import { get, RawClient } from './raw-client.ts';

/** What became of so many requests. */
export interface TimedFigures {
  readonly answered: number;
  /** Answers that were not 200, or not whole, and requests without one. */
  readonly failed: readonly string[];
  /** Percentiles of the time from sending a request to its whole answer, ms. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How they are asked. */
export interface TimedOptions {
  readonly requests: number;
  readonly clients: number;
  /** Bytes of a request. Default: GET /feature. */
  readonly request?: (number: number) => string;
  /** Pause of a client between two requests, ms; default 0: none. */
  readonly pauseMs?: number;
}

/** Asks so many requests by clients with a connection each, one after the other, and times each answer. */
export async function timedLoad(port: number, options: TimedOptions): Promise<TimedFigures> {
  const { requests, clients, request = () => get('/feature'), pauseMs = 0 } = options;
  const times: number[] = [];
  const failed: string[] = [];
  let next = 0;
  const ask = async (connection: RawClient): Promise<void> => {
    for (let number = next++; number < requests; number = next++) {
      const bytes = request(number);
      const line = bytes.slice(0, bytes.indexOf('\r\n'));
      const sentAt = performance.now();
      connection.send(bytes);
      const answer = await connection.readAnswer(line.split(' ')[0]);
      times.push(performance.now() - sentAt);
      if (answer.status !== 200 || !answer.complete) failed.push(`${line}: ${answer.status}`);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const all = Array.from({ length: clients }, async () => {
    const connection = await RawClient.connect(port);
    await ask(connection).catch((error: Error) => void failed.push(error.message));
    connection.destroy();
  });
  await Promise.all(all);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? 0;
  return { answered: times.length, failed, p50: at(0.5), p99: at(0.99), max: at(1) };
}
