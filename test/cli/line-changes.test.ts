import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineChanges } from '../../src/cli/line-changes.ts';

/** The new lines, made of the old ones by the changes. */
function applied(old: readonly string[], changes: ReturnType<typeof lineChanges>): string[] {
  const lines: string[] = [];
  let at = 0;
  for (const { oldStart, removed, added } of changes) {
    expect(old.slice(oldStart, oldStart + removed.length)).toEqual(removed);
    lines.push(...old.slice(at, oldStart));
    lines.push(...added);
    at = oldStart + removed.length;
  }
  return [...lines, ...old.slice(at)];
}

it('makes the new lines of the old ones, whatever they are', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', '', 'c'), { maxLength: 60 });
  fc.assert(
    fc.property(lines, lines, (old, fresh) => {
      expect(applied(old, lineChanges(old, fresh))).toEqual(fresh);
    }),
  );
});

it('finds the few lines that an edit puts in or replaces, far apart too', () => {
  const old = Array.from({ length: 5_000 }, (_, i) => (i % 7 === 0 ? '' : `line ${i}`));
  const fresh = old.toSpliced(4_000, 0, 'x', '', 'y').toSpliced(10, 1, 'changed');
  expect(lineChanges(old, fresh)).toEqual([
    { oldStart: 10, newStart: 10, removed: ['line 10'], added: ['changed'] },
    { oldStart: 4_000, newStart: 4_000, removed: [], added: ['x', '', 'y'] },
  ]);
});
