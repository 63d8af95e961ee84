import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLAG,
  FRAME,
  type Frame,
  getFields,
  headers,
  ping,
  settings,
  windowUpdate,
} from '../../support/http2-frames.ts';
import type { Http2RawClient } from '../../support/http2-raw-client.ts';
import { withHttp2 } from './http2-bench.ts';

/** What a client does while it is sent bodies. */
type Step =
  | { readonly kind: 'stream' | 'connection'; readonly bytes: number }
  | { readonly kind: 'settings'; readonly window: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('stream' as const, 'connection' as const),
    bytes: fc.integer({ min: 1, max: 40_000 }),
  }),
  fc.record({ kind: fc.constant('settings' as const), window: fc.integer({ min: 0, max: 60_000 }) }),
);

const STREAMS = [1, 3, 5];

/** How much a client has allowed, kept as RFC 9113 section 6.9 says. */
class Allowed {
  readonly streams = new Map<number, number>();
  connection = 65_535;
  #first: number;

  constructor(first: number) {
    this.#first = first;
    for (const id of STREAMS) this.streams.set(id, first);
  }

  did(one: Step): Buffer[] {
    if (one.kind === 'connection') {
      this.connection += one.bytes;
      return [windowUpdate(0, one.bytes)];
    }
    if (one.kind === 'settings') {
      for (const [id, left] of this.streams) this.streams.set(id, left + one.window - this.#first);
      this.#first = one.window;
      return [settings([[4, one.window]])];
    }
    for (const [id, left] of this.streams) this.streams.set(id, left + one.bytes);
    return STREAMS.map((id) => windowUpdate(id, one.bytes));
  }
}

function dataOf(frames: readonly Frame[], stream?: number): Frame[] {
  return frames.filter((one) => one.type === FRAME.data && (stream === undefined || one.stream === stream));
}

/** All that was allowed before has come: a PING behind it is answered. */
async function settled(client: Http2RawClient, count: number): Promise<void> {
  client.send(ping());
  await client.until(() => client.frames.filter(({ type }) => type === FRAME.ping).length === count);
}

describe('HTTP/2 front: windows', () => {
  const bench = withHttp2();

  it('are never overrun, and bodies come whole, whatever the client allows when', async () => {
    const body = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    bench().front.use((exchange) => {
      exchange.answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
      let at = 0;
      const more = (): void => {
        while (at < body.length) {
          const piece = body.subarray(at, at + 1 + ((at * 7919) % 9000));
          at += piece.length;
          if (!exchange.answer.chunk(piece)) return;
        }
        exchange.answer.end([]);
      };
      exchange.answer.onDrain = more;
      more();
    });
    const property = fc.asyncProperty(
      fc.integer({ min: 0, max: 30_000 }),
      fc.array(step, { maxLength: 12 }),
      async (first, steps) => {
        const client = await bench().raw([[4, first]]);
        const allowed = new Allowed(first);
        client.send(...STREAMS.map((id) => headers(id, getFields(`/${id}`))));
        let pings = 0;
        const check = (): void => {
          const sum = (frames: readonly Frame[]) =>
            frames.reduce((all, { payload }) => all + payload.length, 0);
          for (const id of STREAMS) {
            const sent = sum(dataOf(client.frames, id));
            // A window may be taken back below what was sent under the old one.
            if (steps.every(({ kind }) => kind !== 'settings'))
              expect(sent).toBeLessThanOrEqual(allowed.streams.get(id) as number);
          }
          expect(sum(dataOf(client.frames))).toBeLessThanOrEqual(allowed.connection);
        };
        for (const one of steps) {
          await settled(client, ++pings);
          check();
          client.send(...allowed.did(one));
        }
        client.send(...allowed.did({ kind: 'connection', bytes: 1_000_000 }));
        client.send(...allowed.did({ kind: 'stream', bytes: 200_000 }));
        const isWhole = (id: number) =>
          dataOf(client.frames, id).some(({ flags }) => flags === FLAG.endStream);
        await client.until(() => STREAMS.every(isWhole));
        for (const id of STREAMS) expect(client.bodyOf(id).equals(body)).toBe(true);
        client.destroy();
      },
    );
    await fc.assert(property, { numRuns: 60, seed: 5 });
  });
});
