import { afterEach, beforeEach } from 'vitest';
import type { FrontLimits, FrontOptions } from '../../../src/model/exchange.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { FrontBench } from '../contract/front-bench.ts';
import { createHttp2Front } from './http2-front.ts';

/** The HTTP/2 front with a handler by script, and clients that are ended with it. */
export interface Http2Bench {
  readonly front: FrontBench;
  client(options?: ConstructorParameters<typeof Http2Client>[1]): Http2Client;
  /** Preface and settings are sent. */
  raw(settings?: Parameters<typeof Http2RawClient.open>[1]): Promise<Http2RawClient>;
}

/** Gives each test of a block a front of its own; call it inside `describe`. */
export function withHttp2(
  limits: Partial<FrontLimits> = {},
  more: Partial<FrontOptions> = {},
): () => Http2Bench {
  let bench: Http2Bench;
  let clients: { destroy(): void }[] = [];
  beforeEach(async () => {
    clients = [];
    const front = await FrontBench.start((options) => createHttp2Front({ ...options, ...more }), limits);
    const kept = <Client extends { destroy(): void }>(client: Client): Client => {
      clients.push(client);
      return client;
    };
    bench = {
      front,
      client: (options) => kept(new Http2Client(`http://127.0.0.1:${front.port}`, options)),
      raw: async (settings) => kept(await Http2RawClient.open(front.port, settings)),
    };
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
    await bench.front.stop();
  });
  return () => bench;
}
