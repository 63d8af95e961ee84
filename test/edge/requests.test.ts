import { expect, it } from 'vitest';
import { CLASSES } from './classes/all-classes.ts';
import { playWithBanyan } from './play-with-banyan.ts';

playWithBanyan('request line', 'target', 'Host', 'fields', 'framing', 'chunks');

it('the cases are many, and each has a name of its own', () => {
  const names = CLASSES.flatMap(({ name, cases }) => cases.map(({ what }) => `${name}: ${what}`));
  expect(names.length).toBeGreaterThan(500);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
