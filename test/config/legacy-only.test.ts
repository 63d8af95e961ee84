import { expect, it } from 'vitest';
import { namesInLegacyOnlyFile } from '../../src/config/legacy-only.ts';

it('finds names with their places, and no comments', () => {
  const text = '# all of these\r\n orders \r\nsearch#why\n\n#x\norders:/api/:id\n';
  const found = namesInLegacyOnlyFile(text);
  expect(found.map(({ name }) => name)).toEqual(['orders', 'search', 'orders:/api/:id']);
  for (const { name, range } of found) expect(text.slice(...range)).toBe(name);
});

it('takes the number of a route without a name of its own for a part of its name', () => {
  const text = 'orders:/x#2\norders:/x#12 # why\r\norders#3#why\norders #2\norders#2nd\norders#\n #2\n';
  const names = namesInLegacyOnlyFile(text).map(({ name }) => name);
  expect(names).toEqual(['orders:/x#2', 'orders:/x#12', 'orders#3', 'orders', 'orders', 'orders']);
});
