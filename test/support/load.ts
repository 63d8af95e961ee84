import { ClosedEarly } from './byte-reader.ts';
import { type Address, get, type RawAnswer, RawClient } from './raw-client.ts';

/** What became of the requests of a load (threats-and-faults: the figures to report). */
export interface LoadFigures {
  /** Answered, by status. */
  readonly byStatus: Readonly<Record<number, number>>;
  readonly answered: number;
  /** Lost after their first byte was sent: no whole answer came. */
  readonly lost: readonly string[];
  /** Connections that the router closed while they were idle, without having said `Connection: close`. */
  readonly idleClosed: number;
  /** Connections that ended as announced by `Connection: close`. */
  readonly saidClose: number;
  /** What no connection was accepted for. */
  readonly refused: number;
}

export interface LoadOptions {
  readonly clients: number;
  /** The bytes of the next request. Default: GET /. */
  readonly request?: (client: number, number: number) => string;
  readonly onAnswer?: (answer: RawAnswer, client: number) => void;
  /** Pause between two requests of a client, ms; default 0: none. */
  readonly pauseMs?: number;
}

/** Clients that ask one request after the other, each on its own kept connection, until they are told to stop. */
export class Load {
  readonly #address: Address;
  readonly #options: LoadOptions;
  readonly #byStatus: Record<number, number> = {};
  readonly #lost: string[] = [];
  #answered = 0;
  #idleClosed = 0;
  #saidClose = 0;
  #refused = 0;
  #isStopping = false;
  readonly #running: Promise<void>[];

  constructor(address: Address, options: LoadOptions) {
    this.#address = address;
    this.#options = options;
    this.#running = Array.from({ length: options.clients }, (_, client) => this.#client(client));
  }

  get answered(): number {
    return this.#answered;
  }

  /** Lets what is under way finish; then nothing more is asked. */
  async stop(): Promise<LoadFigures> {
    this.#isStopping = true;
    await Promise.all(this.#running);
    return {
      byStatus: this.#byStatus,
      answered: this.#answered,
      lost: this.#lost,
      idleClosed: this.#idleClosed,
      saidClose: this.#saidClose,
      refused: this.#refused,
    };
  }

  async #client(client: number): Promise<void> {
    for (let number = 0; !this.#isStopping; ) {
      const connection = await this.#connect();
      if (connection === null) return;
      number = await this.#session(connection, client, number);
      connection.destroy();
    }
  }

  /** null: nobody listens any more. */
  async #connect(): Promise<RawClient | null> {
    try {
      return await RawClient.connect(this.#address);
    } catch {
      this.#refused += 1;
      return null;
    }
  }

  async #session(connection: RawClient, client: number, from: number): Promise<number> {
    const { request = () => get('/'), pauseMs = 0, onAnswer } = this.#options;
    let number = from;
    while (!this.#isStopping) {
      if (connection.socket.readableEnded || connection.socket.destroyed) {
        this.#idleClosed += 1;
        return number;
      }
      const bytes = request(client, number);
      number += 1;
      connection.send(bytes);
      const answer = await this.#answer(connection, bytes);
      if (answer === null) return number;
      onAnswer?.(answer, client);
      if (answer.header('connection')?.includes('close')) {
        this.#saidClose += 1;
        return number;
      }
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return number;
  }

  async #answer(connection: RawClient, bytes: string): Promise<RawAnswer | null> {
    const line = bytes.slice(0, bytes.indexOf('\r\n'));
    try {
      const answer = await connection.readAnswer(line.split(' ')[0]);
      if (!answer.complete) throw new ClosedEarly(answer.body, answer.reset);
      this.#answered += 1;
      this.#byStatus[answer.status] = (this.#byStatus[answer.status] ?? 0) + 1;
      return answer;
    } catch (error) {
      this.#lost.push(`${line}: ${(error as Error).message}`);
      return null;
    }
  }
}
