import { type Address, get, RawClient } from './raw-client.ts';

/** A reader of an event stream: every event whole, and how it ended. */
export class EventStream {
  readonly events: string[] = [];
  /** How the connection ended; null while it lives. */
  ended: 'whole' | 'cut' | null = null;
  readonly #client: RawClient;

  private constructor(client: RawClient) {
    this.#client = client;
  }

  /** @throws when the answer is no event stream. */
  static async open(address: Address, target: string): Promise<EventStream> {
    const client = await RawClient.connect(address);
    client.send(get(target));
    const { status, headers } = await client.readHead();
    if (status !== 200 || !headers.includes('text/event-stream')) throw new Error(`no stream: ${status}`);
    const stream = new EventStream(client);
    void stream.#read();
    return stream;
  }

  /** Leaves. */
  destroy(): void {
    this.#client.destroy();
  }

  /** Each chunk must be one whole event: that is how they were sent. */
  async #read(): Promise<void> {
    const { reader } = this.#client;
    try {
      for (;;) {
        const size = Number.parseInt(await reader.line(), 16);
        if (size === 0) break;
        this.events.push((await reader.exactly(size)).toString().trim());
        await reader.exactly(2);
      }
      this.ended = 'whole';
    } catch {
      this.ended = 'cut';
    }
  }
}
