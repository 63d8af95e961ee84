import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Tunnel } from '../../src/forward/tunnel.ts';

/** A socket whose other end is the test: what it `says` comes in, what was written is in `heard`. */
class FakeSocket extends Duplex {
  readonly heard: string[] = [];
  /** What is written stays on its way. */
  holds = false;

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.heard.push(bytes.toString());
    if (!this.holds) done();
  }

  says(text: string | null): Promise<void> {
    this.push(text);
    return new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a tunnel of which one end has finished', () => {
  let client: FakeSocket;
  let backend: FakeSocket;
  let closed = 0;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    client = new FakeSocket({ allowHalfOpen: true });
    backend = new FakeSocket({ allowHalfOpen: true });
    closed = 0;
    const early = Buffer.alloc(0);
    const onClose = (): void => {
      closed++;
    };
    new Tunnel(
      { socket: client, early },
      { socket: backend, early },
      { isWebSocket: false, onClose },
    ).start();
  });

  afterEach(() => vi.useRealTimers());

  it('lives on while the other says something, and ends a minute after it says nothing', async () => {
    await client.says(null);
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(50_000);
      await backend.says('still here');
    }
    expect(client.heard.length).toBe(5);
    vi.advanceTimersByTime(59_000);
    expect(closed).toBe(0);
    vi.advanceTimersByTime(2_000);
    expect(closed).toBe(1);
    expect(client.destroyed && backend.destroyed).toBe(true);
  });

  it('is the only one with a limit', async () => {
    await backend.says('hello');
    vi.advanceTimersByTime(3_600_000);
    expect(closed).toBe(0);
    expect(client.destroyed).toBe(false);
  });

  it('leaves no limit behind when it was cut before', async () => {
    backend.holds = true;
    await client.says('much');
    client.destroy();
    await new Promise((resolve) => setImmediate(resolve));
    expect(closed).toBe(1);
    await backend.says(null);
    vi.advanceTimersByTime(1_000);
    expect(backend.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
