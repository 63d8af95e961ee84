import { afterEach, describe, expect, it } from 'vitest';
import type { AnswerReceiver, Carrier } from '../../../src/forward/backend/carrier.ts';
import type { ConnectionTaker } from '../../../src/forward/backend/connection-pool.ts';
import { HandOuts } from '../../../src/forward/backend/hand-outs.ts';
import { SessionPool } from '../../../src/forward/http2/session-pool.ts';
import type { Failure } from '../../../src/model/failure.ts';
import type { Endpoint } from '../../../src/model/ports.ts';
import { FLAG, FRAME, frame, headers, settings } from '../../support/http2-frames.ts';
import {
  type Http2Script,
  RawHttp2Backend,
  type RawHttp2Connection,
} from '../../support/http2-raw-backend.ts';
import { until } from '../../support/until.ts';

/** The sessions of one endpoint: how many, for whom, until when. Clocks are the test's. */

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const OK = [':status', '200'];
const SILENT: Http2Script = () => {};
const ANSWER: Http2Script = ({ stream }, connection) => connection.write(headers(stream, OK));

class Bench {
  now = 1_000;
  connected = 0;
  readonly pool: SessionPool;
  readonly backend: RawHttp2Backend;
  readonly endpoint: Endpoint & { removed: boolean };

  private constructor(backend: RawHttp2Backend) {
    this.backend = backend;
    const place = {
      address: '127.0.0.1',
      port: backend.port,
      secure: false,
      hostname: 'orders',
      basePath: '',
    };
    this.endpoint = { ...place, backend: 'orders', removed: false } as Endpoint & { removed: boolean };
    this.pool = new SessionPool(this.endpoint, {
      tls: null,
      now: () => this.now,
      onConnected: () => void this.connected++,
      handOuts: new HandOuts(),
      readBuffer: Buffer.alloc(65_536),
      onOtherProtocol: () => {},
    });
  }

  static async start(script: Http2Script, hello?: Buffer): Promise<Bench> {
    const backend = await RawHttp2Backend.start(script);
    backend.hello = hello ?? backend.hello;
    const bench = new Bench(backend);
    open.push({
      close() {
        bench.pool.retire();
        return backend.stop();
      },
    });
    return bench;
  }

  /** One exchange; by default a GET. */
  take(terms: Partial<ConnectionTaker> = {}): Taken {
    const taken = new Taken(terms);
    this.pool.take(taken);
    return taken;
  }

  get sessions(): number {
    return this.backend.connections.length;
  }
}

/** Waits for a stream, and for the end of its answer. */
class Taken implements ConnectionTaker, AnswerReceiver {
  readonly fresh: boolean;
  readonly repeatable: boolean;
  readonly connectTimeoutMs: number;
  isOver = false;
  carrier: Carrier | null = null;
  became: 'answered' | 'refused' | Failure | null = null;

  constructor(terms: Partial<ConnectionTaker>) {
    this.fresh = terms.fresh ?? false;
    this.repeatable = terms.repeatable ?? true;
    this.connectTimeoutMs = terms.connectTimeoutMs ?? 5_000;
  }

  taken(carrier: Carrier): void {
    this.carrier = carrier;
    const fields = [':method', 'GET', ':scheme', 'http', ':authority', 'a', ':path', '/'];
    carrier.send({ head: '', fields, method: 'GET', upgrade: false, bodyLength: 0 }, this);
  }

  notTaken(failure: Failure): void {
    this.became = failure;
  }

  end(): void {
    this.became = 'answered';
  }

  failed(failure: Failure): void {
    this.became = failure;
  }

  refused(): void {
    this.became = 'refused';
  }

  head(): void {}
  informational(): void {}
  chunk(): void {}
  upgraded(): void {}
  readBegins(): void {}
  readEnds(): void {}
  writable(): void {}

  over(): Promise<string | null> {
    return until(
      () => this.became,
      (became) => became !== null,
    );
  }

  async sent(): Promise<void> {
    await until(
      () => this.carrier,
      (carrier) => carrier !== null,
    );
  }
}

/** Answers the next PING of a connection. */
async function acknowledge(connection: RawHttp2Connection): Promise<void> {
  const { payload } = await connection.frame(({ type, flags }) => type === FRAME.ping && flags === 0);
  connection.write(frame(FRAME.ping, { flags: FLAG.ack, payload }));
}

function goaway(lastStream: number): Buffer {
  const payload = Buffer.alloc(8);
  payload.writeUInt32BE(lastStream);
  return frame(FRAME.goaway, { payload });
}

describe('how many sessions there are', () => {
  it('one, that all who come while it is opened share, and those after them', async () => {
    const bench = await Bench.start(ANSWER);
    const taken = Array.from({ length: 50 }, () => bench.take());
    expect(await Promise.all(taken.map((one) => one.over()))).toEqual(taken.map(() => 'answered'));
    await bench.take().over();
    expect(bench.sessions).toBe(1);
    expect(bench.connected).toBe(1);
  });

  it('another where the first allows no more streams, and who is too many waits', async () => {
    const bench = await Bench.start(SILENT, settings([[3, 2]]));
    const taken = Array.from({ length: 33 }, () => bench.take());
    await until(
      () => bench.backend.requests.length,
      (count) => count === 32,
    );
    expect(bench.sessions).toBe(16);
    expect(taken.filter(({ carrier }) => carrier === null).length).toBe(1);
    bench.backend.connections[3]?.write(headers(1, OK));
    await until(
      () => bench.backend.requests.length,
      (count) => count === 33,
    );
    expect(bench.sessions).toBe(16);
  });

  it('who waited as long as for a connection is told that there is no room', async () => {
    const bench = await Bench.start(SILENT, settings([[3, 1]]));
    for (let i = 0; i < 16; i++) await bench.take().sent();
    expect(await bench.take({ connectTimeoutMs: 50 }).over()).toBe('over_capacity');
  });

  it('a backend that takes more streams later is given those who wait', async () => {
    const bench = await Bench.start(SILENT, settings([[3, 1]]));
    for (let i = 0; i < 16; i++) await bench.take().sent();
    const late = bench.take();
    bench.backend.connections[0]?.write(settings([[3, 2]]));
    await late.sent();
    expect(bench.sessions).toBe(16);
  });

  it('a new one for who wants a fresh one, unless there is a young one', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    await bench.take({ fresh: true }).over();
    expect(bench.sessions).toBe(1);
    bench.now += 1_000;
    await Promise.all([bench.take({ fresh: true }).over(), bench.take({ fresh: true }).over()]);
    expect(bench.sessions).toBe(2);
  });

  it('none for who gave up while it was opened', async () => {
    const bench = await Bench.start(ANSWER, Buffer.alloc(0));
    const taken = bench.take();
    await until(
      () => bench.sessions,
      (count) => count === 1,
    );
    taken.isOver = true;
    bench.pool.giveUp(taken);
    await bench.backend.connections[0]?.gone();
    expect(taken.became).toBe(null);
  });
});

describe('until when', () => {
  it('an idle one is closed after 30 s, with a word', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    bench.now += 30_000;
    bench.pool.sweep();
    await bench.take().over();
    expect(bench.sessions).toBe(1);
    bench.now += 30_001;
    bench.pool.sweep();
    const [connection] = bench.backend.connections;
    await connection?.frame(({ type }) => type === FRAME.goaway);
    await connection?.gone();
  });

  it('one with something under way stays, whatever its age', async () => {
    const bench = await Bench.start(SILENT);
    const taken = bench.take();
    await taken.sent();
    bench.now += 9_000;
    bench.pool.sweep();
    bench.backend.connections[0]?.write(headers(1, OK));
    expect(await taken.over()).toBe('answered');
  });

  it('one whose endpoint is gone ends with its last exchange', async () => {
    const bench = await Bench.start(SILENT);
    const taken = bench.take();
    await until(
      () => bench.backend.requests.length,
      (count) => count === 1,
    );
    bench.pool.retire();
    const [connection] = bench.backend.connections;
    connection?.write(headers(1, OK));
    expect(await taken.over()).toBe('answered');
    await connection?.gone();
  });

  it('one whose endpoint is gone without a word is found dead all the same', async () => {
    const bench = await Bench.start(SILENT);
    const taken = bench.take();
    await taken.sent();
    bench.pool.retire();
    bench.now += 10_000;
    await bench.backend.connections[0]?.frame(({ type }) => type === FRAME.ping);
    bench.now += 10_000;
    expect(await taken.over()).toBe('reset');
  });

  it('who still waits for it is told that the address is gone', async () => {
    const bench = await Bench.start(SILENT, Buffer.alloc(0));
    const taken = bench.take();
    bench.endpoint.removed = true;
    bench.pool.retire();
    expect(taken.became).toBe('connect_refused');
  });

  it('after 100 resets it takes nothing new', async () => {
    const bench = await Bench.start(SILENT);
    for (let i = 0; i < 100; i++) {
      const taken = bench.take();
      await taken.sent();
      taken.carrier?.destroy();
    }
    await bench.take().sent();
    expect(bench.sessions).toBe(2);
    await bench.backend.connections[0]?.gone();
  });

  it('after a GOAWAY the next goes elsewhere, and who was behind its last stream is handed back', async () => {
    const bench = await Bench.start(SILENT);
    const taken = [bench.take(), bench.take()];
    await until(
      () => bench.backend.requests.length,
      (count) => count === 2,
    );
    const [connection] = bench.backend.connections;
    connection?.write(goaway(1));
    expect(await taken[1]?.over()).toBe('refused');
    await bench.take().sent();
    expect(bench.sessions).toBe(2);
    connection?.write(headers(1, OK));
    expect(await taken[0]?.over()).toBe('answered');
    await connection?.gone();
  });
});

describe('signs of life', () => {
  it('a request that must not be sent twice asks a session that was silent for a second', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    bench.now += 1_001;
    await bench.take().over();
    expect(pings(bench)).toBe(0);
    bench.now += 1_001;
    const careful = bench.take({ repeatable: false });
    await acknowledge(bench.backend.connections[0] as RawHttp2Connection);
    expect(await careful.over()).toBe('answered');
    expect(bench.sessions).toBe(1);
  });

  it('and takes a new one where none comes', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    bench.now += 1_001;
    expect(await bench.take({ repeatable: false }).over()).toBe('answered');
    expect(bench.sessions).toBe(2);
  });

  it('and those after it leave the silent one alone, which ends', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    bench.now += 1_001;
    await bench.take({ repeatable: false }).over();
    bench.now += 1_000;
    expect(await bench.take({ repeatable: false }).over()).toBe('answered');
    expect(bench.sessions).toBe(2);
    expect(pings(bench)).toBe(1);
    bench.now += 9_000;
    bench.pool.sweep();
    await bench.backend.connections[0]?.gone();
  });

  it('and at once where the session ends instead', async () => {
    const bench = await Bench.start(ANSWER);
    await bench.take().over();
    bench.now += 1_001;
    const careful = bench.take({ repeatable: false });
    const [connection] = bench.backend.connections;
    await connection?.frame(({ type }) => type === FRAME.ping);
    connection?.socket.resetAndDestroy();
    expect(await careful.over()).toBe('answered');
    expect(bench.sessions).toBe(2);
  });

  it('a silent session with something under way is asked, and ended when it says nothing', async () => {
    const bench = await Bench.start(SILENT);
    const taken = bench.take();
    await taken.sent();
    bench.now += 10_000;
    bench.pool.sweep();
    await bench.backend.connections[0]?.frame(({ type }) => type === FRAME.ping);
    bench.now += 1_000;
    await bench.take().sent();
    expect(bench.sessions).toBe(2);
    bench.now += 9_000;
    bench.pool.sweep();
    expect(await taken.over()).toBe('reset');
  });

  it('who gave up on an answer asks, too', async () => {
    const bench = await Bench.start(SILENT);
    const taken = bench.take();
    await taken.sent();
    bench.now += 500;
    taken.carrier?.destroy();
    await bench.backend.connections[0]?.frame(({ type }) => type === FRAME.ping);
    await acknowledge(bench.backend.connections[0] as RawHttp2Connection);
    await bench.take().sent();
    expect(bench.sessions).toBe(1);
  });
});

function pings({ backend }: Bench): number {
  return backend.connections.flatMap(({ frames }) => frames).filter(({ type }) => type === FRAME.ping).length;
}
