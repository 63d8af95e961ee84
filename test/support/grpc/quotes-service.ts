import path from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What is asked. */
export interface Ask {
  readonly symbol: string;
  readonly count?: number;
}

/** What is answered, and by whom. */
export interface Quote {
  readonly symbol: string;
  readonly cents: number;
  readonly from?: string;
}

/** The service of quotes.proto, as @grpc/proto-loader reads it. */
export const QUOTES = loadSync(path.join(import.meta.dirname, 'quotes.proto'))[
  'shop.Quotes'
] as grpc.ServiceDefinition;

/** A service that speaks gRPC over h2c, as one in a container does. */
export interface QuotesService {
  readonly port: number;
  readonly url: string;
  /** Metadata of the calls that came. */
  readonly calls: grpc.Metadata[];
  /** Ends it at once, with all that is under way. */
  kill(): void;
  /** No new calls; resolves when the last is over. */
  leave(): Promise<void>;
}

/**
 * Starts one. Get answers, or fails with the status that its symbol is a number of; Watch says `count` quotes; Sum adds up;
 * Chat answers each.
 */
export async function startQuotes(from: string, port = 0, host = '127.0.0.1'): Promise<QuotesService> {
  const calls: grpc.Metadata[] = [];
  const server = new grpc.Server();
  server.addService(QUOTES, implementation(from, calls));
  const credentials = grpc.ServerCredentials.createInsecure();
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`${host}:${port}`, credentials, (error, own) =>
      error === null ? resolve(own) : reject(error),
    ),
  );
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    calls,
    kill: () => server.forceShutdown(),
    leave: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}

function implementation(from: string, calls: grpc.Metadata[]): grpc.UntypedServiceImplementation {
  const trailers = new grpc.Metadata();
  trailers.set('x-trailer', from);
  return {
    Get(call: grpc.ServerUnaryCall<Ask, Quote>, done: grpc.sendUnaryData<Quote>) {
      calls.push(call.metadata);
      const { symbol } = call.request;
      const code = Number(symbol);
      if (symbol === 'never') return;
      if (code > 0) done({ code, details: `as asked: ${code}`, metadata: trailers });
      else done(null, { symbol, cents: symbol.length, from }, trailers);
    },
    async Watch(call: grpc.ServerWritableStream<Ask, Quote>) {
      calls.push(call.metadata);
      const { symbol, count = 0 } = call.request;
      for (let cents = 0; cents < count && !call.cancelled; cents++) {
        if (!call.write({ symbol, cents, from })) await new Promise((resolve) => call.once('drain', resolve));
      }
      if (symbol !== 'endless') call.end(trailers);
    },
    Sum(call: grpc.ServerReadableStream<Quote, Quote>, done: grpc.sendUnaryData<Quote>) {
      calls.push(call.metadata);
      let cents = 0;
      call.on('data', (quote: Quote) => {
        cents += quote.cents;
      });
      call.on('end', () => done(null, { symbol: 'sum', cents, from }));
    },
    Chat(call: grpc.ServerDuplexStream<Ask, Quote>) {
      calls.push(call.metadata);
      call.on('data', ({ symbol }: Ask) => call.write({ symbol, cents: symbol.length, from }));
      call.on('end', () => call.end(trailers));
    },
  };
}
