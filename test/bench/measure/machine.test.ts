import { expect, test } from 'vitest';
import { coresFor, coresInList, machineTime } from '../../../bench/measure/machine.ts';

test('the proxy has a core of its own as soon as there are two', () => {
  expect(coresFor([0, 1, 2, 3])).toEqual({ proxy: [3], backend: [2], load: [1, 0] });
  expect(coresFor([4, 5, 6])).toEqual({ proxy: [6], backend: [5], load: [4] });
  expect(coresFor([0, 1])).toEqual({ proxy: [1], backend: [0], load: [0] });
  expect(coresFor([0])).toEqual({ proxy: null, backend: null, load: null });
});

test('many cores: load still takes two', () => {
  expect(coresFor(Array.from({ length: 16 }, (_, i) => i)).load).toEqual([13, 12]);
});

test('lists of cores as the kernel writes them', () => {
  expect(coresInList('0-3\n')).toEqual([0, 1, 2, 3]);
  expect(coresInList('0-1,5,7-8')).toEqual([0, 1, 5, 7, 8]);
});

test('busy time leaves out idle and waiting, and keeps stolen time apart', () => {
  const stat = 'cpu  100 20 30 4000 500 6 7 80 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  expect(machineTime(stat)).toEqual({ busy: 1.63, stolen: 0.8 });
});
