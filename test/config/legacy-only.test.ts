import { expect, it } from 'vitest';
import { namesInLegacyOnlyFile } from '../../src/config/legacy-only.ts';

it('finds names with their places, and no comments', () => {
  const text = '# all of these\r\n orders \r\nsearch#why\n\n#x\norders:/api/:id\n';
  const found = namesInLegacyOnlyFile(text);
  expect(found.map(({ name }) => name)).toEqual(['orders', 'search', 'orders:/api/:id']);
  for (const { name, range } of found) expect(text.slice(...range)).toBe(name);
});
