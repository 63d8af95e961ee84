import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FakeExchange } from '../forward/fake-exchange.ts';
import { type SentCopy, ShadowDesk, turn } from './shadow-desk.ts';

/**
 * Whatever clients, backends and the judge do in whatever order: each request that was drawn ends once, memory stays below
 * its cap and comes back whole, and so do the places.
 */

const CAP = 60_000;

type Step =
  | {
      readonly do: 'ask' | 'advance' | 'whole' | 'fail' | 'cut' | 'leave' | 'turn' | 'release';
      readonly at: number;
    }
  | { readonly do: 'body'; readonly at: number; readonly size: number }
  | { readonly do: 'copy'; readonly at: number; readonly how: Deed };

const at = fc.nat(9);
const often = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const plain = (...deeds: Exclude<Step['do'], 'body' | 'copy'>[]) =>
  fc.record({ do: fc.constantFrom(...deeds), at });
const how = fc.constantFrom<Deed>('advance', 'advance', 'whole', 'fail', 'cut');
const size = fc.integer({ min: 1, max: 6_000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  often(3, plain('ask')),
  often(9, plain('advance')),
  often(3, plain('whole')),
  often(1, plain('fail', 'cut', 'leave')),
  often(2, plain('turn', 'release')),
  often(2, fc.record({ do: fc.constant('body' as const), at, size })),
  often(6, fc.record({ do: fc.constant('copy' as const), at, how })),
);

/** `advance`: a head, then two chunks, then the end; `whole`: all of it. */
type Deed = 'advance' | 'whole' | 'fail' | 'cut';
type Phase = 'waiting' | 'body' | 'over';

/** One answer as its side may give it: a head, chunks, an end, or a break anywhere. */
class Speaker {
  phase: Phase = 'waiting';
  #chunks = 0;
  readonly exchange: SentCopy['exchange'];

  constructor(exchange: SentCopy['exchange']) {
    this.exchange = exchange;
  }

  say(what: Deed): void {
    const { answer } = this.exchange;
    if (what === 'advance') this.#advance();
    else if (what === 'whole') while (this.phase !== 'over') this.#advance();
    else if (this.phase === (what === 'fail' ? 'waiting' : 'body')) {
      this.phase = 'over';
      if (what === 'cut') answer.cut();
      else answer.fail('reset', 'id');
    }
  }

  /** True: the next step is the end. */
  get isWhole(): boolean {
    return this.phase === 'body' && this.#chunks === 2;
  }

  #advance(): void {
    const { answer } = this.exchange;
    if (this.phase === 'waiting') {
      this.phase = 'body';
      answer.head({ status: 200, reason: '', headers: [], bodyLength: null });
    } else if (this.isWhole) {
      this.phase = 'over';
      answer.end([]);
    } else if (this.phase === 'body') {
      this.#chunks += 1;
      answer.chunk(Buffer.alloc(2_000));
    }
  }
}

/** Clients, backends and a judge that do as the steps say, as far as each may. */
class Play {
  readonly desk = new ShadowDesk({ writes: ['POST'], maxInFlight: 3, maxBody: 8_000 }, { maxBuffered: CAP });
  readonly #served: { readonly speaker: Speaker; readonly client: FakeExchange }[] = [];
  readonly #copies = new Map<SentCopy, Speaker>();
  readonly #released = new Set<number>();

  get asked(): number {
    return this.#served.length;
  }

  async do(one: Step): Promise<void> {
    if (one.do === 'turn') await turn();
    else if (one.do === 'ask') this.#ask();
    else if (one.do === 'release') this.#release(one.at);
    else if (one.do === 'copy') this.#answerCopy(this.desk.sent.at(-1 - (one.at % 4)), one.how);
    else this.#serve(one);
  }

  /** Everything that is still open comes to an end. */
  async end(): Promise<void> {
    for (const { speaker } of this.#served) speaker.say(speaker.phase === 'waiting' ? 'fail' : 'cut');
    await turn();
    for (const how of ['fail', 'cut'] as const)
      for (const copy of this.desk.sent) this.#answerCopy(copy, how);
    for (const index of this.desk.releases.keys()) this.#release(index);
  }

  #ask(): void {
    const { client, served } = this.desk.watch({ method: 'POST', length: null, holdBody: true });
    served.onClientGone = () => {};
    served.body.read({ chunk: () => {}, end: () => {}, fail: () => {} });
    this.#served.push({ client, speaker: new Speaker(served) });
  }

  #serve(one: Exclude<Step, { do: 'copy' }>): void {
    const target = this.#served[one.at % Math.max(1, this.#served.length)];
    if (target === undefined || target.speaker.phase === 'over') return;
    const { client, speaker } = target;
    if (one.do === 'body') client.body.push('x'.repeat(one.size));
    else if (one.do === 'leave') {
      speaker.phase = 'over';
      client.leave();
    } else {
      if (speaker.isWhole || one.do === 'whole') client.body.finishBody();
      speaker.say(one.do as Deed);
    }
  }

  #answerCopy(copy: SentCopy | undefined, how: Deed): void {
    if (copy === undefined || copy.hasLeft) return;
    const speaker = this.#copies.get(copy) ?? new Speaker(copy.exchange);
    this.#copies.set(copy, speaker);
    speaker.say(how);
  }

  #release(index: number): void {
    if (this.#released.has(index) || this.desk.releases[index] === undefined) return;
    this.#released.add(index);
    this.desk.releases[index]();
  }
}

test('each request that was drawn ends once, and nothing is held at the end', async () => {
  const seen = new Set<string>();
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
    const play = new Play();
    const { desk } = play;
    for (const one of steps) {
      await play.do(one);
      expect(desk.shadows.memory.held).toBeLessThanOrEqual(CAP);
    }
    await play.end();
    for (const outcome of desk.outcomes) seen.add(outcome);
    expect(desk.ends).toHaveLength(play.asked);
    expect(desk.shadows.memory.held).toBe(0);
    expect(desk.faults).toEqual([]);
    const sent = desk.sent.length;
    for (let i = 0; i < 3; i++) await desk.serve();
    expect(desk.sent).toHaveLength(sent + 3);
    desk.shadows.close();
  });
  await fc.assert(property, { numRuns: 300 });
  expect([...seen].sort()).toEqual(['answered', 'dropped', 'failed', 'skipped failed', 'skipped too_large']);
});
