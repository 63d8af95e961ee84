import { describe, expect, it } from 'vitest';
import { SourceText } from '../../src/config/source-text.ts';

describe('SourceText', () => {
  const source = new SourceText('routes.yaml', 'one\r\ntwo\n\nfour');

  it.each([
    [0, 1, 1],
    [2, 1, 3],
    [5, 2, 1],
    [9, 3, 1],
    [10, 4, 1],
    [999, 4, 5],
  ])('offset %i is %i:%i', (offset, line, column) => {
    expect(source.issue('error', [offset, offset + 1], '')).toMatchObject({ line, column });
  });

  it('keeps a caret within the first line of its range', () => {
    expect(source.issue('error', [0, 12], '')).toMatchObject({ source: 'one', width: 3 });
  });

  it('does not count a byte order mark', () => {
    expect(new SourceText('f', '\uFEFFab').issue('error', [1, 2], '')).toMatchObject({
      column: 2,
      source: 'ab',
    });
  });
});
