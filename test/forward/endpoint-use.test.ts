import { expect, test } from 'vitest';
import type { AttemptFailure } from '../../src/forward/attempt-events.ts';
import { EndpointUse } from '../../src/forward/endpoint-use.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Endpoint } from '../../src/model/ports.ts';

interface FakeEndpoint extends Endpoint {
  epoch: number;
  readonly heard: string[];
}

function endpoint(): FakeEndpoint {
  const heard: string[] = [];
  return {
    inFlight: 0,
    epoch: 7,
    heard,
    answered: (status: number, epoch: number) => void heard.push(`answered ${status} in ${epoch}`),
    failed: (failure: string, epoch: number) => void heard.push(`failed ${failure} in ${epoch}`),
    abandoned: (epoch: number) => void heard.push(`abandoned in ${epoch}`),
  } as unknown as FakeEndpoint;
}

function failure(name: Failure, more: Partial<AttemptFailure> = {}): AttemptFailure {
  return {
    failure: name,
    message: '',
    unsent: false,
    refused: null,
    reused: false,
    answered: false,
    ...more,
  };
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

test('what became of it is told to the endpoint, in the epoch in which it was taken', () => {
  const use = new EndpointUse();
  const first = endpoint();
  use.take(first);
  first.epoch = 8;
  use.answered(200);
  use.failed(failure('reset', { answered: true }));
  use.take(first);
  use.failed(failure('response_timeout'));
  expect(first.heard).toEqual(['answered 200 in 7', 'failed reset in 7', 'failed response_timeout in 8']);
  expect(first.inFlight).toBe(0);
});

test('an idle connection that was let go says nothing of its endpoint; a fresh one that breaks does', () => {
  const use = new EndpointUse();
  const first = endpoint();
  use.take(first);
  use.failed(failure('reset', { reused: true }));
  use.take(first);
  use.failed(failure('reset'));
  expect(first.heard).toEqual(['abandoned in 7', 'failed reset in 7']);
});

test('a request that was handed back says nothing of its endpoint', () => {
  const use = new EndpointUse();
  const first = endpoint();
  use.take(first);
  use.failed(failure('reset', { refused: 'overloaded' }));
  expect(first.heard).toEqual(['abandoned in 7']);
});

test('who leaves without a word has abandoned it, once', () => {
  const use = new EndpointUse();
  const [first, second] = [endpoint(), endpoint()];
  use.take(first);
  use.take(second);
  use.leave();
  use.leave();
  expect([first.heard, second.heard]).toEqual([['abandoned in 7'], ['abandoned in 7']]);
});
