import * as grpc from '@grpc/grpc-js';
import { type Ask, QUOTES, type Quote } from './quotes-service.ts';

/** What a call came to. */
export interface Called<Answer> {
  readonly code: grpc.status;
  readonly details: string;
  readonly answer: Answer | null;
  readonly metadata: grpc.Metadata;
  readonly trailers: grpc.Metadata;
}

/** The name that the router's certificate must have. */
export const NAME = 'router.test';

/** How a call is made. */
export interface CallTerms {
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  readonly deadlineMs?: number;
}

/** A client of quotes.proto, over TLS: real gRPC, with nothing of the router's. */
export class QuotesClient {
  readonly #client: grpc.Client;

  /** @param url `https://host:port`; @param ca The authority's certificate, PEM. */
  constructor(url: string, ca: string) {
    this.#client = new grpc.Client(new URL(url).host, grpc.credentials.createSsl(Buffer.from(ca)), {
      'grpc.enable_retries': 0,
      'grpc.ssl_target_name_override': NAME,
    });
  }

  get(ask: Ask, terms: CallTerms = {}): Promise<Called<Quote>> {
    const { path, serialize, deserialize } = methodOf<Ask, Quote>('Get');
    return single((done) =>
      this.#client.makeUnaryRequest(
        path,
        serialize,
        deserialize,
        ask,
        metadataOf(terms),
        optionsOf(terms),
        done,
      ),
    );
  }

  sum(quotes: readonly Quote[], terms: CallTerms = {}): Promise<Called<Quote>> {
    const { path, serialize, deserialize } = methodOf<Quote, Quote>('Sum');
    return single((done) => {
      const call = this.#client.makeClientStreamRequest(
        path,
        serialize,
        deserialize,
        metadataOf(terms),
        optionsOf(terms),
        done,
      );
      for (const quote of quotes) call.write(quote);
      call.end();
      return call;
    });
  }

  watch(ask: Ask, terms: CallTerms = {}): grpc.ClientReadableStream<Quote> {
    const { path, serialize, deserialize } = methodOf<Ask, Quote>('Watch');
    return this.#client.makeServerStreamRequest(
      path,
      serialize,
      deserialize,
      ask,
      metadataOf(terms),
      optionsOf(terms),
    );
  }

  chat(terms: CallTerms = {}): grpc.ClientDuplexStream<Ask, Quote> {
    const { path, serialize, deserialize } = methodOf<Ask, Quote>('Chat');
    return this.#client.makeBidiStreamRequest(
      path,
      serialize,
      deserialize,
      metadataOf(terms),
      optionsOf(terms),
    );
  }

  close(): void {
    this.#client.close();
  }
}

/** All that a stream says, and how it ended. */
export async function readAll(
  stream: grpc.ClientReadableStream<Quote> | grpc.ClientDuplexStream<Ask, Quote>,
): Promise<Called<Quote[]>> {
  const answer: Quote[] = [];
  let metadata = new grpc.Metadata();
  stream.on('metadata', (head: grpc.Metadata) => {
    metadata = head;
  });
  stream.on('data', (quote: Quote) => answer.push(quote));
  // The status says it too.
  stream.on('error', () => {});
  const {
    code,
    details,
    metadata: trailers,
  } = await new Promise<grpc.StatusObject>((resolve) => {
    stream.on('status', resolve);
  });
  return { code, details, answer, metadata, trailers };
}

interface Method<Request, Answer> {
  readonly path: string;
  readonly serialize: (value: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Answer;
}

function methodOf<Request, Answer>(name: string): Method<Request, Answer> {
  const { path, requestSerialize, responseDeserialize } = QUOTES[name] as grpc.MethodDefinition<
    Request,
    Answer
  >;
  return { path, serialize: requestSerialize, deserialize: responseDeserialize };
}

function single(
  call: (done: grpc.requestCallback<Quote>) => grpc.ClientUnaryCall | grpc.ClientWritableStream<Quote>,
): Promise<Called<Quote>> {
  return new Promise((resolve) => {
    let metadata = new grpc.Metadata();
    let ended: { error: grpc.ServiceError | null; answer: Quote | null } | null = null;
    let status: grpc.StatusObject | null = null;
    const settle = (): void => {
      if (ended === null || status === null) return;
      const { code, details, metadata: trailers } = status;
      resolve({ code, details, answer: ended.answer, metadata, trailers });
    };
    const started = call((error, answer) => {
      ended = { error, answer: answer ?? null };
      settle();
    });
    started.on('metadata', (head: grpc.Metadata) => {
      metadata = head;
    });
    started.on('status', (end: grpc.StatusObject) => {
      status = end;
      settle();
    });
  });
}

function metadataOf({ metadata = {} }: CallTerms): grpc.Metadata {
  const made = new grpc.Metadata();
  for (const [name, value] of Object.entries(metadata)) made.set(name, value);
  return made;
}

function optionsOf({ deadlineMs }: CallTerms): grpc.CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}
