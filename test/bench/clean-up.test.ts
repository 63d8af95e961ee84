import { expect, test, vi } from 'vitest';
import { CleanUp } from '../../bench/clean-up.ts';

test('steps are taken once, the last first, and a failing one stops none', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  const taken: string[] = [];
  const cleanUp = new CleanUp();
  cleanUp.add(() => taken.push('first'));
  cleanUp.add(() => {
    throw new Error('not there');
  });
  cleanUp.add(() => taken.push('last'));
  cleanUp.run();
  cleanUp.run();
  expect(taken).toEqual(['last', 'first']);
  expect(said.mock.calls).toEqual([['cleaning up: not there']]);
  said.mockRestore();
});
