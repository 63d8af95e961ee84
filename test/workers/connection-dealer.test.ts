import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionDealer, type Taker } from '../../src/workers/connection-dealer.ts';

/** A process that takes connections when it is told to. */
class FakeProcess implements Taker {
  connected = true;
  readonly sent: { message: Record<string, unknown>; handle: unknown }[] = [];
  #listen: (message: unknown) => void = () => {};

  send(...given: unknown[]): boolean {
    this.sent.push({ message: given[0] as Record<string, unknown>, handle: given[1] });
    return true;
  }

  on(_: 'internalMessage', take: (message: unknown) => void): void {
    this.#listen = take;
  }

  /** Says that it has taken what it was sent last. */
  takes(): void {
    this.#listen({ cmd: 'NODE_CLUSTER', ack: this.sent.at(-1)?.message['seq'], accepted: true });
  }
}

let now = 0;
let seq = 0;
let dealer: ConnectionDealer;
let one: FakeProcess;
let other: FakeProcess;

beforeEach(() => {
  vi.useFakeTimers();
  now = 0;
  dealer = new ConnectionDealer(() => now);
  [one, other] = [new FakeProcess(), new FakeProcess()];
  for (const process of [one, other]) {
    dealer.add(process);
    dealer.serves(process);
  }
  return () => vi.useRealTimers();
});

/** As cluster gives a connection to a worker. */
function connection(process: FakeProcess): { close: ReturnType<typeof vi.fn> } {
  const handle = { close: vi.fn() };
  process.send({ cmd: 'NODE_CLUSTER', act: 'newconn', key: 'k', seq: ++seq }, handle);
  return handle;
}

describe('a dealer of connections', () => {
  it('leaves to cluster what is about even', () => {
    connection(one);
    connection(other);
    expect([one.sent.length, other.sent.length]).toEqual([1, 1]);
  });

  it('passes everything else on as it is', () => {
    const message = { kind: 'drain' };
    one.send(message);
    expect(one.sent).toEqual([{ message, handle: undefined }]);
  });

  it('keeps a burst even though one takes much faster', () => {
    for (let i = 0; i < 64; i++) {
      connection(one);
      // The fast one takes at once; the slow one each fourth time.
      one.takes();
      if (i % 4 === 0) other.takes();
    }
    for (let i = 0; i < 64; i++) {
      one.takes();
      other.takes();
    }
    const shares = [one.sent.length, other.sent.length];
    expect(shares[0]! + shares[1]!).toBe(64);
    for (const share of shares) expect(share / 64).toBeGreaterThanOrEqual(0.4);
  });

  it('gives a worker that was just started what it lacks', () => {
    dealer.told(one, 50);
    for (let i = 0; i < 30; i++) {
      connection(one);
      other.takes();
    }
    expect(one.sent).toHaveLength(0);
    expect(other.sent).toHaveLength(30);
  });

  it('does not wait for a worker that stands still', () => {
    dealer.told(one, 50);
    connection(one);
    connection(one);
    expect([one.sent.length, other.sent.length]).toEqual([0, 1]);
    now = 150;
    vi.advanceTimersByTime(150);
    expect([one.sent.length, other.sent.length]).toEqual([1, 1]);
    one.takes();
    connection(one);
    expect([one.sent.length, other.sent.length]).toEqual([2, 1]);
  });

  it('deals again what a killed worker had not taken, and not what it had', () => {
    connection(one);
    one.takes();
    const onTheWay = connection(one);
    dealer.remove(one);
    expect(other.sent.map(({ handle }) => handle)).toEqual([onTheWay]);
    expect(onTheWay.close).not.toHaveBeenCalled();
  });

  it('closes it when nobody is left', () => {
    const handle = connection(one);
    dealer.remove(other);
    dealer.remove(one);
    expect(handle.close).toHaveBeenCalledOnce();
  });

  it('gives nothing to one that retires', () => {
    dealer.retires(other);
    dealer.told(one, 100);
    connection(one);
    expect(one.sent).toHaveLength(1);
    connection(other);
    expect(other.sent).toHaveLength(0);
  });
});
