import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CompareThread } from '../../src/compare/compare-thread.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import { jsonAnswer } from './answers.ts';

/** The niceness of each thread of this process (proc(5): the 19th field of stat); none where there is no /proc. */
async function niceness(): Promise<number[]> {
  const threads = await readdir('/proc/self/task').catch(() => []);
  const stats = await Promise.all(
    threads.map((id) => readFile(`/proc/self/task/${id}/stat`, 'utf8').catch(() => '')),
  );
  return stats
    .filter((stat) => stat !== '')
    .map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
}

it('lets what serves go first, and no other thread does', async () => {
  const before = await niceness();
  const thread = new CompareThread();
  const answers = { legacy: jsonAnswer(1), own: jsonAnswer(1), again: null, rules: DEFAULT_SHADOW.compare };
  const compared = await new Promise((resolve) => thread.compare(answers, resolve));
  const after = await niceness();
  await thread.close();
  expect(compared).toMatchObject({ own: { result: 'match' } });
  const [usual = 0] = before;
  const expected = process.platform === 'linux' ? [Math.min(19, Math.max(usual, 10))] : [];
  expect([...new Set(after)].filter((nice) => nice !== usual)).toEqual(
    expected.filter((nice) => nice !== usual),
  );
});
