import type {
  ClientExchange,
  Front,
  FrontLimits,
  FrontOptions,
  Rejection,
} from '../../../src/model/exchange.ts';
import type { Failure } from '../../../src/model/failure.ts';
import { RawClient } from '../../support/raw-client.ts';

/** Makes the front under test. */
export type CreateFront = (options: FrontOptions) => Promise<Front & { readonly isTls?: true }>;

/** What the handler does with an exchange. */
export type Script = (exchange: ClientExchange) => void;

/** A body as it was received. */
export interface ReadBody {
  readonly text: string;
  readonly bytes: number;
  readonly trailers: readonly string[];
  readonly failure: Failure | null;
}

export const LIMITS: FrontLimits = {
  maxHeaderBytes: 32 * 1024,
  maxHeaders: 200,
  maxUrlBytes: 16 * 1024,
  headerTimeoutMs: 10_000,
  bodyTimeoutMs: 30_000,
  keepAliveMs: 75_000,
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
};

/** A front on a free port with a handler that records and answers by script. */
export class FrontBench {
  readonly exchanges: ClientExchange[] = [];
  readonly rejections: Rejection[] = [];
  readonly errors: object[] = [];
  front!: Front & { readonly isTls?: true };
  port = 0;
  #script: Script = (exchange) => respond(exchange, { body: 'ok' });
  #ids = 0;
  readonly #clients: RawClient[] = [];
  #woken: (() => void)[] = [];

  static async start(createFront: CreateFront, limits: Partial<FrontLimits> = {}): Promise<FrontBench> {
    const bench = new FrontBench();
    bench.front = await createFront({
      handler: (exchange) => {
        bench.exchanges.push(exchange);
        bench.#wake();
        bench.#script(exchange);
      },
      onRejected: (rejection) => {
        bench.rejections.push(rejection);
        bench.#wake();
      },
      limits: { ...LIMITS, ...limits },
      newRequestId: () => `id-${bench.#ids++}`,
      logger: { error: (fields) => void bench.errors.push(fields) },
    });
    bench.port = (await bench.front.listen('127.0.0.1', 0)).port;
    return bench;
  }

  use(script: Script): void {
    this.#script = script;
  }

  /** Clients speak TLS with it. */
  get isTls(): boolean {
    return this.front.isTls === true;
  }

  /** One that the front turns away; null: even before its handshake. */
  async excessClient(): Promise<RawClient | null> {
    return this.isTls ? this.client().catch(() => null) : this.client();
  }

  async client(): Promise<RawClient> {
    const client = await (this.isTls ? RawClient.connectTls(this.port) : RawClient.connect(this.port));
    this.#clients.push(client);
    return client;
  }

  /** The exchange of this index (from 0), as soon as the handler has it. */
  async exchange(index: number): Promise<ClientExchange> {
    await this.#until(() => this.exchanges.length > index);
    return this.exchanges[index]!;
  }

  async rejection(index: number): Promise<Rejection> {
    await this.#until(() => this.rejections.length > index);
    return this.rejections[index]!;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.front.close();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#woken.splice(0)) wake();
  }
}

/** What `respond` sends; by default 200 with a Content-Length. */
export interface Response {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
  /** The body's length is not told: the front frames it. */
  readonly unknownLength?: boolean;
  readonly trailers?: readonly string[];
}

/** A whole answer at once. */
export function respond(exchange: ClientExchange, response: Response = {}): void {
  const body = Buffer.from(response.body ?? '', 'latin1');
  exchange.answer.head({
    status: response.status ?? 200,
    reason: response.reason ?? 'OK',
    headers: response.headers ?? [],
    bodyLength: response.unknownLength === true ? null : body.length,
  });
  if (body.length > 0) exchange.answer.chunk(body);
  exchange.answer.end(response.trailers ?? []);
}

/** Reads a body to its end, or to what ended it. */
export function readBody(exchange: ClientExchange): Promise<ReadBody> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const done = (trailers: readonly string[], failure: Failure | null): void => {
      const whole = Buffer.concat(pieces);
      resolve({ text: whole.toString('latin1'), bytes: whole.length, trailers, failure });
    };
    exchange.body.read({
      chunk: (bytes) => void pieces.push(Buffer.from(bytes)),
      end: (trailers) => done(trailers, null),
      fail: (failure) => done([], failure),
    });
  });
}

/** Answers with the request's own body. */
export async function echo(exchange: ClientExchange): Promise<void> {
  const { text, failure } = await readBody(exchange);
  if (failure === null) respond(exchange, { body: text });
  else exchange.answer.fail(failure, 'echo');
}

/** Resolves when the exchange is over. */
export function finished(exchange: ClientExchange): Promise<void> {
  return new Promise((resolve) => {
    exchange.answer.onFinish = resolve;
  });
}

/** Resolves when the front says that the client left. */
export function gone(exchange: ClientExchange): Promise<void> {
  return new Promise((resolve) => {
    exchange.onClientGone = resolve;
  });
}
