import { describe, expect, test } from 'vitest';
import { BodyRelay } from '../../src/forward/body-relay.ts';
import { createHeldBytes } from '../../src/live/held-bytes.ts';
import type { BodyReceiver, RequestBody } from '../../src/model/exchange.ts';

/** A body whose chunks the test says, and an attempt that keeps what it gets. */
function relayWith({ keepBytes = 100, heldBytes = createHeldBytes(1_000) } = {}) {
  let receiver: BodyReceiver | null = null;
  const body: RequestBody = {
    length: null,
    read: (given) => {
      receiver = given;
    },
    pause: () => {},
    resume: () => {},
  };
  const relay = new BodyRelay(body, { maxBody: null, keepBytes, heldBytes }, () => {});
  const got: string[] = [];
  const sink = {
    bodyChunk: (bytes: Buffer) => {
      got.push(bytes.toString());
      return true;
    },
    bodyEnd: () => {},
  };
  relay.attach(sink);
  const say = (text: string): void => receiver?.chunk(Buffer.from(text));
  return { relay, sink, got, say, heldBytes };
}

describe('the beginning of a body that is kept', () => {
  test('counts among what everyone holds, until no second sending can follow', () => {
    const { relay, say, heldBytes } = relayWith();
    say('x'.repeat(30));
    say('y'.repeat(30));
    expect([heldBytes.held, relay.isReplayable]).toEqual([60, true]);
    relay.stopKeeping();
    expect([heldBytes.held, relay.isReplayable]).toEqual([0, false]);
    relay.stopKeeping();
    expect(heldBytes.held).toBe(0);
  });

  test('is given back when it becomes too long', () => {
    const { relay, say, heldBytes } = relayWith({ keepBytes: 50 });
    say('x'.repeat(40));
    say('y'.repeat(40));
    expect([heldBytes.held, relay.isReplayable]).toEqual([0, false]);
  });

  test('is not kept where everyone together holds too much', () => {
    const heldBytes = createHeldBytes(50);
    const { relay, say, got } = relayWith({ heldBytes });
    say('x'.repeat(40));
    say('y'.repeat(40));
    expect([heldBytes.held, relay.isReplayable, got.join('').length]).toEqual([0, false, 80]);
  });

  test('is kept all the same between two attempts, where it has no other place', () => {
    const heldBytes = createHeldBytes(10);
    const { relay, sink, say, got } = relayWith({ heldBytes });
    say('xxxxx');
    relay.detach(sink);
    say('y'.repeat(40));
    expect([heldBytes.held, relay.isReplayable]).toEqual([45, true]);
    got.length = 0;
    relay.attach(sink);
    expect(got.join('')).toBe(`xxxxx${'y'.repeat(40)}`);
    relay.stopKeeping();
    expect(heldBytes.held).toBe(0);
  });
});
