import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { CompareThread } from '../../src/compare/compare-thread.ts';
import { Judge } from '../../src/compare/judge.ts';
import type { Feature, Route } from '../../src/model/route-table.ts';
import type { ShadowAnswer, ShadowPair } from '../../src/model/shadow.ts';
import { searchTable } from './reports.ts';

const TABLE = searchTable();
const judges: Judge[] = [];

afterEach(async () => {
  await Promise.all(judges.splice(0).map((judge) => judge.close()));
});

function judgeWith(options: ConstructorParameters<typeof Judge>[0] = {}): Judge {
  const judge = new Judge(options);
  judges.push(judge);
  return judge;
}

function answerWith(body: string | Buffer, headers: readonly string[] = []): ShadowAnswer {
  return {
    failure: null,
    status: 200,
    headers: ['Content-Type', 'application/json', ...headers],
    body: Buffer.from(body as Buffer),
    noBody: null,
    latencyMs: 5,
  };
}

function pairOf(legacy: ShadowAnswer, own: ShadowAnswer, some: Partial<ShadowPair> = {}): ShadowPair {
  return {
    feature: TABLE.features['search'] as Feature,
    route: TABLE.routes[0] as Route,
    servedBy: 'legacy',
    requestId: 'r1',
    time: 1,
    method: 'GET',
    target: '/api/search?q=fern',
    legacy,
    own,
    legacyAgain: null,
    ...some,
  };
}

/** Judges it; resolves when its bytes are needed no more. */
const judged = (judge: Judge, pair: ShadowPair): Promise<void> =>
  new Promise((resolve) => judge.judge(pair, resolve));

/** A thread that is not there: whatever it gets would be lost. */
class NoThread extends CompareThread {
  override compare(): never {
    throw new Error('not in a thread');
  }
}

it('compares small documents at once, and counts them', async () => {
  const judge = judgeWith({ thread: new NoThread() });
  await judge.prepare();
  let released = 0;
  const release = (): void => {
    released++;
  };
  judge.judge(pairOf(answerWith('{"a":1}'), answerWith('{"a":1}')), release);
  judge.judge(pairOf(answerWith('{"a":1}'), answerWith('{"a":2}')), release);
  judge.judge(pairOf(answerWith(''), answerWith('')), release);
  expect(released).toBe(3);
  const [report] = judge.take();
  expect(report).toMatchObject({ feature: 'search', definition: 'd1' });
  expect(report?.routes[0]).toMatchObject({ route: 'search', match: 2 });
  expect(report?.routes[0]?.mismatches).toEqual([{ fields: [{ field: '$.a', kind: 'value' }], count: 1 }]);
  expect(judge.take()).toEqual([]);
});

/** Without one it cannot be compared. */
async function expectThread(pair: ShadowPair): Promise<void> {
  const judge = judgeWith({ thread: new NoThread() });
  await judge.prepare();
  expect(() => judge.judge(pair, () => {})).toThrow('not in a thread');
}

it.each([
  ['has paths that look everywhere', { ignore: ['$..a', '$..b', '$..c', '$..d'] }],
  ['is to be read as a text', { body: 'text' as const }],
])('compares in a thread what %s', async (_, rules) => {
  const { shadow, ...search } = TABLE.features['search'] as Feature;
  const compare = { ...shadow?.compare, ...rules };
  const feature = { ...search, shadow: { ...shadow, compare } } as Feature;
  const answer = answerWith(JSON.stringify('x'.repeat(3_000)));
  await expectThread(pairOf(answer, answer, { feature }));
  const judge = judgeWith({ thread: new NoThread() });
  await judge.prepare();
  await judged(judge, pairOf(answer, answer));
  expect(judge.take()[0]?.routes[0]).toMatchObject({ match: 1 });
});

it.each([
  ['large', answerWith(JSON.stringify('x'.repeat(20_000)))],
  ['packed', answerWith(gzipSync('{"a":1}'), ['Content-Encoding', 'gzip'])],
  ['a text', { ...answerWith('<p>a</p>'), headers: ['Content-Type', 'text/html'] }],
])('compares what is %s in a thread', async (_, answer) => {
  await expectThread(pairOf(answer, answer));
  const judge = judgeWith();
  await judged(judge, pairOf(answer, answerWith('{"a":2}')));
  expect(judge.take()[0]?.routes[0]?.mismatches).toHaveLength(1);
});

it('learns from legacy’s second answer', async () => {
  const judge = judgeWith();
  const [one, other] = [answerWith('{"at":1}'), answerWith('{"at":2}')];
  await judged(judge, pairOf(one, one, { legacyAgain: other }));
  expect(judge.take()[0]?.routes[0]).toMatchObject({
    match: 1,
    noise: { pairs: 1, unsteady: 0, fields: [{ example: { field: '$.at' }, count: 1 }] },
  });
});

it('has the first pairs compared in the thread while it loads what it needs', async () => {
  const judge = judgeWith();
  await Promise.all([1, 2].map((n) => judged(judge, pairOf(answerWith('1'), answerWith(`${n}`)))));
  expect(judge.take()[0]?.routes[0]).toMatchObject({ match: 1, mismatches: [{ count: 1 }] });
});

it('lets go of what has no rules to be compared by', async () => {
  const judge = judgeWith();
  const feature = { ...(TABLE.features['search'] as Feature), shadow: null };
  await judged(judge, pairOf(answerWith('1'), answerWith('1'), { feature }));
  expect(judge.take()).toEqual([]);
});

it('outlives a fault of its own', async () => {
  const faults: unknown[] = [];
  const judge = judgeWith({ onFault: (error) => faults.push(error) });
  await judge.prepare();
  const { shadow, ...search } = TABLE.features['search'] as Feature;
  const compare = { ...shadow?.compare, ignore: ['$[broken'] };
  const feature = { ...search, shadow: { ...shadow, compare } } as Feature;
  await judged(judge, pairOf(answerWith('1'), answerWith('2'), { feature }));
  expect(judge.take()[0]?.routes[0]).toMatchObject({ skipped: 1, reasons: [['could not be compared', 1]] });
  expect(faults).toHaveLength(1);
});

it('does not let a bomb of compression hold up the event loop', async () => {
  const bomb = answerWith(gzipSync(Buffer.alloc(200 * 1024 * 1024)), ['Content-Encoding', 'gzip']);
  const judge = judgeWith();
  // The thread is started, and has loaded.
  await judged(judge, pairOf(bomb, answerWith('1')));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  for (let i = 0; i < 10; i++) await judged(judge, pairOf(bomb, answerWith('1')));
  delay.disable();
  // Inflated at once, two hundred mebibytes take some hundred milliseconds.
  expect(delay.percentile(90) / 1e6).toBeLessThan(50);
  expect(judge.take()[0]?.routes[0]).toMatchObject({
    skipped: 11,
    reasons: [['too large when decoded', 11]],
  });
});
