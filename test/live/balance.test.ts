import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Choice, chooseEndpoint } from '../../src/live/balance.ts';
import { hashText } from '../../src/live/hash-text.ts';
import { LiveEndpoint } from '../../src/live/live-endpoint.ts';

const URL_OF = { secure: false, host: 'orders', port: 3000, basePath: '' };

function endpoints(count: number): LiveEndpoint[] {
  return [...Array(count).keys()].map(
    (i) => new LiveEndpoint(`${i}`, 'orders', { url: URL_OF, address: `10.0.0.${i + 1}` }),
  );
}

const choice = (changes: Partial<Choice> = {}): Choice => ({
  affinity: null,
  exclude: [],
  now: 0,
  random: Math.random,
  ...changes,
});

/** Gives these numbers in turn. */
function scripted(...numbers: number[]): () => number {
  return () => numbers.shift() ?? 0;
}

describe('chooseEndpoint without affinity', () => {
  it('takes the less busy of the two drawn', () => {
    const all = endpoints(3);
    all[0]!.inFlight = 5;
    all[1]!.inFlight = 4;
    expect(chooseEndpoint(all, choice({ random: scripted(0, 0) }))).toBe(all[1]);
    expect(chooseEndpoint(all, choice({ random: scripted(0.4, 0.9) }))).toBe(all[1]);
    expect(chooseEndpoint(all, choice({ random: scripted(0.99, 0) }))).toBe(all[2]);
  });

  it('never draws the same one twice: of two, the busy one is never taken', () => {
    const all = endpoints(2);
    all[0]!.inFlight = 1;
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        random,
        random,
        (a, b) => chooseEndpoint(all, choice({ random: scripted(a, b) })) === all[1],
      ),
    );
  });

  it('spreads evenly over idle endpoints', () => {
    const all = endpoints(4);
    const counts = new Map(all.map((endpoint) => [endpoint, 0]));
    for (let i = 0; i < 8_000; i++) {
      const taken = chooseEndpoint(all, choice())!;
      counts.set(taken, counts.get(taken)! + 1);
    }
    for (const count of counts.values()) expect(count).toBeGreaterThan(1_700);
  });

  it('keeps endpoints about equally full', () => {
    const all = endpoints(10);
    for (let i = 0; i < 1_000; i++) chooseEndpoint(all, choice())!.inFlight++;
    const full = all.map((endpoint) => endpoint.inFlight);
    expect(Math.max(...full) - Math.min(...full)).toBeLessThan(10);
  });
});

describe('chooseEndpoint, whichever way', () => {
  it.each([null, hashText('someone')])(
    'prefers fine ones to spare ones to ejected ones (affinity %s)',
    (affinity) => {
      const all = endpoints(3);
      const [ejected, spare, fine] = all as [LiveEndpoint, LiveEndpoint, LiveEndpoint];
      ejected.connectFailed(0);
      spare.isSpare = true;
      for (let i = 0; i < 50; i++) {
        expect(chooseEndpoint(all, choice({ affinity }))).toBe(fine);
        expect(chooseEndpoint(all, choice({ affinity, exclude: [fine] }))).toBe(spare);
        expect(chooseEndpoint(all, choice({ affinity, exclude: [spare, fine] }))).toBe(ejected);
        expect(chooseEndpoint(all, choice({ affinity, exclude: all }))).toBeNull();
      }
    },
  );

  it('has none among none', () => {
    expect(chooseEndpoint([], choice())).toBeNull();
    expect(chooseEndpoint([], choice({ affinity: 1 }))).toBeNull();
  });
});

describe('chooseEndpoint with affinity', () => {
  const clients = [...Array(6_000).keys()].map((i) => hashText(`session-${i}`));
  const homes = (all: LiveEndpoint[]) =>
    clients.map((affinity) => chooseEndpoint(all, choice({ affinity }))!.address);

  it('gives a client the same endpoint each time, in whatever order DNS lists them', () => {
    const all = endpoints(5);
    all[0]!.inFlight = 100;
    expect(homes(all)).toEqual(homes([...all].reverse()));
  });

  it('spreads clients evenly', () => {
    const all = endpoints(4);
    const of = homes(all);
    for (const { address } of all) {
      const share = of.filter((home) => home === address).length;
      expect(share).toBeGreaterThan(1_350);
      expect(share).toBeLessThan(1_650);
    }
  });

  it('moves only the clients of an endpoint that goes, and only to a newcomer when one comes', () => {
    const all = endpoints(5);
    const before = homes(all);
    const without = homes(all.slice(0, 4));
    for (const [i, home] of before.entries()) {
      if (home !== '10.0.0.5') expect(without[i]).toBe(home);
      else expect(without[i]).not.toBe(home);
    }
  });

  it('sends the client of an excluded or ejected endpoint to the same second choice', () => {
    const all = endpoints(5);
    const affinity = hashText('someone');
    const home = chooseEndpoint(all, choice({ affinity }))!;
    const second = chooseEndpoint(all, choice({ affinity, exclude: [home] }))!;
    home.connectFailed(0);
    expect(chooseEndpoint(all, choice({ affinity }))).toBe(second);
    expect(chooseEndpoint(all, choice({ affinity, now: 500 }))).toBe(home);
  });
});
