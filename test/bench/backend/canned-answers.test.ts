import { expect, test } from 'vitest';
import { answerFor, BODY_BYTES, lastSegment } from '../../../bench/backend/canned-answers.ts';
import { EVENT_BYTES, EVENT_TIME, eventAt } from '../../../bench/backend/event-streams.ts';
import { AnswerReader } from '../../../bench/load/answer-reader.ts';

test.each(Object.entries(BODY_BYTES))('the answer %s has as many bytes as it says', (name, bytes) => {
  const reader = new AnswerReader();
  expect(reader.push(answerFor(name))).toBe('whole');
  expect([reader.status, reader.bodyBytes]).toEqual([200, bytes]);
});

test('the last segment says which, without the query; any other is 404', () => {
  expect(lastSegment('GET /api/orders/small?page=2 HTTP/1.1\r\nReferer: /x?y\r\n')).toBe('small');
  expect(lastSegment('POST /upload HTTP/1.0\r\nReferer: /a?b\r\n')).toBe('upload');
  expect(answerFor('else').toString()).toContain(' 404 ');
});

test('an event has always the same size, and says when it was sent', () => {
  for (const time of [1, 123_456_789, 9_007_199_254_740_991]) {
    const event = eventAt(time);
    expect(event).toHaveLength(EVENT_BYTES);
    const at = event.indexOf(EVENT_TIME.mark) + EVENT_TIME.mark.length;
    expect(Number(event.slice(at, at + EVENT_TIME.digits))).toBe(time);
  }
});
