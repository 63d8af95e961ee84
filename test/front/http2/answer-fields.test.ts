import { expect, it } from 'vitest';
import { answerFields, informationalFields, trailerFields } from '../../../src/front/http2/answer-fields.ts';

const head = (headers: readonly string[], bodyLength: number | null = null, status = 200) => ({
  status,
  reason: 'X',
  headers,
  bodyLength,
});

it('keeps order, duplicates and values, with names in lower case', () => {
  const headers = ['X-B', '1', 'ETag', '"a"', 'x-b', ' 2', 'ETAG', '"b"'];
  expect(answerFields(head(headers), true)).toEqual([
    ...[':status', '200', 'x-b', '1', 'etag', '"a"', 'x-b', ' 2', 'etag', '"b"'],
  ]);
});

it.each([
  ['one that was told twice', head(['Content-Length', '3', 'content-length', '3'], 3), true, ['3']],
  ['none that was told', head([], 3), true, ['3']],
  ['one beside a body of unknown length', head(['Content-Length', '3']), true, []],
  ['one of an answer to HEAD', head(['Content-Length', '300'], 0), false, ['300']],
  ['one on a 204', head(['Content-Length', '0'], 0, 204), false, []],
])('tells one length where there is one: %s', (_what, given, hasBody, lengths) => {
  const fields = answerFields(given, hasBody);
  expect(fields.filter((_, i) => fields[i - 1] === 'content-length')).toEqual(lengths);
});

it('leaves out what speaks of a connection, everywhere', () => {
  const headers = [
    'Connection',
    'x',
    'Upgrade',
    'x',
    'Keep-Alive',
    'x',
    'Transfer-Encoding',
    'chunked',
    'A',
    'b',
  ];
  expect(answerFields(head(headers), true)).toEqual([':status', '200', 'a', 'b']);
  expect(informationalFields(103, headers)).toEqual([':status', '103', 'a', 'b']);
  expect(trailerFields(headers)).toEqual(['a', 'b']);
});
