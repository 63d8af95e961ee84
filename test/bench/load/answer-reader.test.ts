import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader } from '../../../bench/load/answer-reader.ts';

const LENGTH = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello';
const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\nX-End: 1\r\n\r\n';
const EMPTY = 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

function read(text: string, reader = new AnswerReader()) {
  return { progress: reader.push(Buffer.from(text)), reader };
}

test('a body with its length', () => {
  const { progress, reader } = read(LENGTH);
  expect([progress, reader.status, reader.bodyBytes, reader.closes]).toEqual(['whole', 200, 5, false]);
});

test('a body in chunks, with trailers', () => {
  const { progress, reader } = read(CHUNKED);
  expect([progress, reader.bodyBytes]).toEqual(['whole', 8]);
});

test('no body, and the connection closes', () => {
  const { progress, reader } = read(EMPTY);
  expect([progress, reader.status, reader.bodyBytes, reader.closes]).toEqual(['whole', 204, 0, true]);
});

test('interim answers are not the answer', () => {
  const { progress, reader } = read(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${LENGTH}`);
  expect([progress, reader.status]).toEqual(['whole', 200]);
});

test('the same however it is cut into pieces', () => {
  const answers = fc.constantFrom(LENGTH, CHUNKED, EMPTY);
  fc.assert(
    fc.property(answers, fc.array(fc.nat(120), { maxLength: 6 }), (answer, cuts) => {
      const reader = new AnswerReader();
      const places = [0, ...cuts.filter((cut) => cut < answer.length), answer.length].sort((a, b) => a - b);
      const pieces = places.slice(1).map((to, i) => answer.slice(places[i], to));
      const said = pieces.filter((piece) => piece !== '').map((piece) => reader.push(Buffer.from(piece)));
      expect(said.pop()).toBe('whole');
      expect(said.every((progress) => progress === 'more')).toBe(true);
      expect(reader.bodyBytes).toBe(read(answer).reader.bodyBytes);
    }),
  );
});

test('answers follow each other on one connection', () => {
  const { reader } = read(CHUNKED);
  expect(read(LENGTH, reader).progress).toBe('whole');
  expect(reader.bodyBytes).toBe(5);
});

test('more than was asked for, and what is no HTTP, is broken', () => {
  expect(read(LENGTH + LENGTH).progress).toBe('broken');
  expect(read('SSH-2.0-x\r\n\r\n').progress).toBe('broken');
  expect(read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n').progress).toBe('broken');
});
