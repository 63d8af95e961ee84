import { expect, test } from 'vitest';
import { EndpointUse } from '../../src/forward/endpoint-use.ts';
import type { Endpoint } from '../../src/model/ports.ts';

function endpoint(): Endpoint {
  return { inFlight: 0 } as Endpoint;
}

test('an endpoint counts as in flight from taking to leaving, once', () => {
  const use = new EndpointUse();
  use.leave();
  const first = endpoint();
  use.take(first);
  expect(first.inFlight).toBe(1);
  use.leave();
  use.leave();
  expect(first.inFlight).toBe(0);
  expect(use.last).toBe(first);
});

test('taking another leaves the one before, and taking it again counts again', () => {
  const use = new EndpointUse();
  const [first, second] = [endpoint(), endpoint()];
  use.take(first);
  use.take(second);
  expect([first.inFlight, second.inFlight]).toEqual([0, 1]);
  use.leave();
  use.take(first);
  expect([first.inFlight, second.inFlight]).toEqual([1, 0]);
});
