import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDiscovery, type NameChange } from '../../src/live/discovery.ts';
import type { NotResolved, Resolved } from '../../src/live/resolve-name.ts';

const found = (...v4: string[]): Resolved => ({ v4, v6: [], answeredAs: 'x' });

interface Question {
  readonly host: string;
  readonly last: Resolved | null;
  readonly answer: (answer: Resolved | NotResolved) => Promise<void>;
}

/** Discovery whose questions are answered by the test. */
function discovery(random = 0.5) {
  const questions: Question[] = [];
  const changes: NameChange[] = [];
  const asking = createDiscovery({
    resolve: (host, last) =>
      new Promise((resolve) => {
        const answer = async (given: Resolved | NotResolved): Promise<void> => {
          resolve(given);
          await vi.advanceTimersByTimeAsync(0);
        };
        questions.push({ host, last, answer });
      }),
    everyMs: 2_000,
    minGapMs: 250,
    random: () => random,
    now: () => performance.now(),
    time: () => 77,
    onChange: (change) => changes.push(change),
  });
  return { asking, questions, changes };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('discovery', () => {
  it('asks at once, and every two seconds from the start of each question', async () => {
    const { asking, questions } = discovery();
    const name = asking.watch('a', () => {});
    expect(name.addresses()).toBeNull();
    await vi.advanceTimersByTimeAsync(400);
    await questions[0]!.answer(found('10.0.0.1'));
    expect(name.addresses()).toEqual(['10.0.0.1']);
    await vi.advanceTimersByTimeAsync(1_599);
    expect(questions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(questions).toHaveLength(2);
    asking.close();
  });

  it.each([
    [0, 1_800],
    [0.999_999, 2_200],
  ])('spreads the questions: with %d after %d ms', async (random, waitMs) => {
    const { asking, questions } = discovery(random);
    asking.watch('a', () => {});
    await questions[0]!.answer(found('10.0.0.1'));
    await vi.advanceTimersByTimeAsync(waitMs - 1);
    expect(questions).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(questions).toHaveLength(2);
    asking.close();
  });

  it('has one question open per name, however long it takes and whoever asks for it', async () => {
    const { asking, questions } = discovery();
    asking.watch('a', () => {});
    asking.watch('a', () => {});
    asking.askSoon('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(questions).toHaveLength(1);
    asking.close();
  });

  it('tells every watcher of other addresses, and none of the same', async () => {
    const { asking, questions } = discovery();
    const told = [vi.fn(), vi.fn()];
    for (const changed of told) asking.watch('a', changed);
    await questions[0]!.answer(found('10.0.0.1'));
    await vi.advanceTimersByTimeAsync(2_000);
    await questions[1]!.answer(found('10.0.0.1'));
    await vi.advanceTimersByTimeAsync(2_000);
    await questions[2]!.answer(found('10.0.0.2'));
    for (const changed of told) expect(changed).toHaveBeenCalledTimes(2);
    asking.close();
  });

  it('keeps what was found last while questions fail, and says so once', async () => {
    const { asking, questions, changes } = discovery();
    const name = asking.watch('a', () => {});
    await questions[0]!.answer(found('10.0.0.1'));
    for (const [i, problem] of ['ESERVFAIL', 'ETIMEOUT', 'ENOTFOUND'].entries()) {
      await vi.advanceTimersByTimeAsync(2_000);
      await questions[i + 1]!.answer({ problem });
      expect(name.addresses()).toEqual(['10.0.0.1']);
      expect(name.status()).toEqual({ host: 'a', answeredAt: 77, problem });
    }
    await vi.advanceTimersByTimeAsync(2_000);
    await questions[4]!.answer(found('10.0.0.1'));
    expect(changes.map(({ problem, addresses }) => [problem, ...addresses])).toEqual([
      [null, '10.0.0.1'],
      ['ESERVFAIL', '10.0.0.1'],
      [null, '10.0.0.1'],
    ]);
    expect(questions[4]!.last).toEqual(found('10.0.0.1'));
    asking.close();
  });

  it('asks soon after a failed connection, at most four times a second', async () => {
    const { asking, questions } = discovery();
    asking.watch('a', () => {});
    await questions[0]!.answer(found('10.0.0.1'));
    const storm = setInterval(() => asking.askSoon('a'), 1);
    for (let i = 1; i <= 4; i++) {
      await vi.advanceTimersByTimeAsync(250);
      expect(questions).toHaveLength(i + 1);
      await questions[i]!.answer(found('10.0.0.1'));
    }
    clearInterval(storm);
    asking.close();
  });

  it('asks at once after a failed connection if the last question is old', async () => {
    const { asking, questions } = discovery();
    asking.watch('a', () => {});
    await questions[0]!.answer(found('10.0.0.1'));
    await vi.advanceTimersByTimeAsync(1_000);
    asking.askSoon('a');
    await vi.advanceTimersByTimeAsync(0);
    expect(questions).toHaveLength(2);
    asking.close();
  });

  it('stops asking when nobody watches any more, and begins anew for a later watcher', async () => {
    const { asking, questions } = discovery();
    const one = asking.watch('a', () => {});
    const other = asking.watch('a', () => {});
    await questions[0]!.answer(found('10.0.0.1'));
    one.stop();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(questions).toHaveLength(2);
    other.stop();
    await questions[1]!.answer(found('10.0.0.2'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(questions).toHaveLength(2);
    expect(asking.watch('a', () => {}).addresses()).toBeNull();
    expect(questions).toHaveLength(3);
    asking.close();
  });

  it('resolves `asked` whatever the first answer was', async () => {
    const { asking, questions } = discovery();
    const name = asking.watch('a', () => {});
    await questions[0]!.answer({ problem: 'ENOTFOUND' });
    await name.asked;
    expect(name.addresses()).toBeNull();
    asking.close();
  });
});
