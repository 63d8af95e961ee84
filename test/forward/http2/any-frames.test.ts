import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  data,
  FLAG,
  FRAME,
  frame,
  headers,
  reset,
  settings,
  windowUpdate,
} from '../../support/http2-frames.ts';
import { RawHttp2Backend, type RawHttp2Connection } from '../../support/http2-raw-backend.ts';
import type { FakeExchange } from '../fake-exchange.ts';
import { ForwardBench } from '../forward-bench.ts';

/**
 * Whatever frames a backend says, in whatever order: every exchange ends, none gets a byte of another's answer, nothing
 * is left over, and the next exchange on a connection that is left to live is sound.
 */

/** Exchanges that are under way at the same time. */
const AT_ONCE = 3;

let backend: RawHttp2Backend;
let bench: ForwardBench;
/** Told of each request. */
let onRequest: (connection: RawHttp2Connection) => void = () => {};

beforeAll(async () => {
  backend = await RawHttp2Backend.start((_request, connection) => onRequest(connection));
  bench = new ForwardBench([], {
    ports: [backend.port],
    backend: { http2: true },
    policy: { repeatable: [] },
  });
});

afterAll(async () => {
  bench.close();
  await backend.stop();
});

/** What a stream's answer is made of: no other's has it. */
function own(stream: number): string {
  return String.fromCharCode(96 + stream);
}

const stream = fc.constantFrom(1, 3, 5);
const flags = fc.constantFrom(
  0,
  FLAG.endStream,
  FLAG.endHeaders,
  FLAG.endStream | FLAG.endHeaders,
  FLAG.padded,
  0x2d,
);
const fieldsOf = (id: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant([':status', '200', 'x-own', own(id)]) },
    fc.constant([':status', '100']),
    fc.constant([':status', '103', 'link', own(id)]),
    fc.constant([':status', '204']),
    fc.constant([':status', '200', 'content-length', '5', 'x-own', own(id)]),
    fc.constant(['x-trailer', own(id)]),
    fc
      .array(fc.string({ maxLength: 5 }), { minLength: 2, maxLength: 6 })
      .map((list) => list.slice(0, list.length & ~1)),
  );

const piece: fc.Arbitrary<Buffer> = fc.oneof(
  {
    weight: 6,
    arbitrary: stream.chain((id) =>
      fc.tuple(fieldsOf(id), flags).map(([fields, set]) => headers(id, fields, set | FLAG.endHeaders)),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(stream, fc.nat(40), fc.boolean())
      .map(([id, size, isEnd]) => data(id, own(id).repeat(size), isEnd ? FLAG.endStream : 0)),
  },
  { weight: 2, arbitrary: fc.tuple(stream, fc.nat(14)).map(([id, code]) => reset(id, code)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(0, 1, 3, 5), fc.integer({ min: 1, max: 70_000 }))
      .map(([id, bytes]) => windowUpdate(id, bytes)),
  },
  fc.tuple(fc.constantFrom(1, 3, 4, 5, 99), fc.nat(70_000)).map(([id, value]) => settings([[id, value]])),
  fc.nat(7).map((last) => frame(FRAME.goaway, { payload: Buffer.from([0, 0, 0, last, 0, 0, 0, 0]) })),
  fc.constant(frame(FRAME.ping, { payload: Buffer.alloc(8) })),
  fc
    .record({
      type: fc.nat(12),
      flags: fc.nat(255),
      stream: fc.nat(9),
      payload: fc.uint8Array({ maxLength: 30 }),
    })
    .map(({ payload, ...rest }) => frame(rest.type, { ...rest, payload: Buffer.from(payload) })),
);

/** Sends exchanges at once, lets the backend say these bytes when it has all, and ends its connections. */
async function play(bytes: Buffer, cuts: readonly number[]): Promise<FakeExchange[]> {
  const seen = new Set<RawHttp2Connection>();
  onRequest = (connection) => {
    if (connection.requests.length < AT_ONCE || seen.has(connection)) {
      if (connection !== [...seen][0] && seen.size > 0) connection.socket.destroy();
      return;
    }
    seen.add(connection);
    const at = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    for (let i = 1; i < at.length; i++) connection.write(bytes.subarray(at[i - 1], at[i]));
    connection.socket.end();
  };
  const exchanges = Array.from({ length: AT_ONCE }, (_, i) =>
    bench.start({ method: 'POST', target: `/${i * 2 + 1}`, body: ['body'] }),
  );
  await Promise.all(exchanges.map(({ answer }) => answer.over));
  return exchanges;
}

it('any frames', async () => {
  const ends = { whole: 0, cut: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 25 }),
      fc.array(fc.nat(5_000), { maxLength: 4 }),
      async (pieces, cuts) => {
        const exchanges = await play(Buffer.concat(pieces), cuts);
        const [connection] = backend.connections;
        for (const { answer, head } of exchanges) {
          const request = connection?.requests.find(({ fields }) => fields[7] === head.target);
          const letter = own(request?.stream ?? 0);
          expect(answer.text.replaceAll(letter, '')).toBe('');
          ends[answer.wasCut ? 'cut' : answer.failure === null ? 'whole' : 'failed']++;
          const ownFields = (answer.headOfAnswer?.headers ?? []).filter(
            (_, i, all) => all[i - 1] === 'x-own',
          );
          for (const value of ownFields) expect(value).toBe(letter);
          for (const value of (answer.trailers ?? []).filter((_, i, all) => all[i - 1] === 'x-trailer'))
            expect(value).toBe(letter);
        }
        expect(bench.endpoints.inFlight).toBe(0);
        for (const { socket } of backend.connections) socket.destroy();
        backend.connections.length = 0;
      },
    ),
    { numRuns: 300 },
  );
  // Else it would have tried nothing.
  for (const count of Object.values(ends)) expect(count).toBeGreaterThan(5);
});
