import { describe, expect, it } from 'vitest';
import { compareRuns } from './compare-runs.ts';
import type { DifferentialCase } from './differential-case.ts';
import { OK } from './draw-answer.ts';
import { brokenInvariant } from './invariants.ts';
import { readAnswers } from './read-answers.ts';
import type { BackendRequest } from './recording-backend.ts';
import type { Run } from './run-case.ts';
import { shrinkCase } from './shrink-case.ts';

const CASE: DifferentialCase = {
  requests: ['GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  cuts: [],
  ending: 'last',
  answers: [],
};
const ANSWER = 'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok';
const PROBLEM =
  'HTTP/1.1 400 Bad Request\r\nDate: Mon\r\nContent-Length: 52\r\nX-Request-Id: i1\r\n\r\n{"failure":"malformed_request","request_id":"i1"}   ';

function request(change: Partial<BackendRequest> = {}): BackendRequest {
  const head = 'GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: i1\r\n\r\n';
  const record = {
    id: 'i1',
    head,
    body: '',
    trailers: '',
    isWhole: true,
    arrivals: 1,
    answer: OK,
    tunnel: '',
  };
  return { ...record, ...change };
}

function run(bytes: string, backend: BackendRequest[] = [], ending: Run['ending'] = 'end'): Run {
  return { ...readAnswers(bytes, 1), bytes, backend, ending };
}

describe('compareRuns', () => {
  it('finds no difference in ids and clocks', () => {
    const other = PROBLEM.replaceAll('i1', 'i2').replace('Mon', 'Tue');
    const [wire, fastify] = [
      run(PROBLEM, [request()]),
      run(other, [request({ id: 'i2', head: request().head.replace('i1', 'i2') })]),
    ];
    expect(compareRuns(CASE, wire, fastify)).toBeNull();
  });

  it.each([
    ['a status', run(ANSWER.replace('200', '201'))],
    ['a field', run(ANSWER.replace('X-A: 1', 'x-a: 1'))],
    ['a body', run(ANSWER.replace('ok', 'no'))],
    ['an answer less', run('')],
    ['an answer more', run(ANSWER + ANSWER)],
    ['a 1xx', run(`HTTP/1.1 103 Early\r\n\r\n${ANSWER}`)],
    ['bytes that are no answer', run(`${ANSWER}more`)],
    ['a connection that stays open', run(ANSWER, [], 'open')],
    ['a request at the backend', run(ANSWER, [request()])],
  ])('finds %s', (_what, other) => {
    expect(compareRuns(CASE, run(ANSWER), other)).not.toBeNull();
    expect(compareRuns(CASE, other, run(ANSWER))).not.toBeNull();
  });

  it.each([
    ['a head', { head: `${request().head} ` }],
    ['a body', { body: 'x' }],
    ['trailers', { trailers: 'X: y\r\n' }],
  ])('finds %s that only one backend got', (_what, change) => {
    expect(compareRuns(CASE, run('', [request()]), run('', [request(change)]))?.what).toBe('backend');
  });
});

describe('brokenInvariant', () => {
  it.each([
    ['a request that was sent twice', run(ANSWER, [request({ arrivals: 2 })])],
    ['more requests out than in', run(ANSWER, [request(), request({ id: 'i2' }), request({ id: 'i3' })])],
    ['a refused request that reached a backend', run(PROBLEM, [request()])],
    ['a request without an id', run(ANSWER, [request({ id: '' })])],
  ])('sees %s', (_what, broken) => {
    expect(brokenInvariant(broken)).not.toBeNull();
  });

  it('lets pass what is in order', () => {
    expect(brokenInvariant(run(ANSWER + PROBLEM, [request({ id: 'other' })]))).toBeNull();
  });
});

describe('readAnswers', () => {
  it('reads answers that follow each other, also to HEAD, chunked, and cut off', () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n';
    const toHead = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
    const half = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nha';
    const { answers, rest } = readAnswers(chunked + toHead + half, 1);
    expect(answers.map(({ body, trailers, isWhole }) => [body, trailers, isWhole])).toEqual([
      ['ab', 'X: y\r\n', true],
      ['', '', true],
      ['ha', '', false],
    ]);
    expect(rest).toBe('');
  });
});

describe('shrinkCase', () => {
  it('leaves what the fault needs', async () => {
    const large: DifferentialCase = {
      requests: ['GET /a HTTP/1.1\r\nX: 1\r\n\r\n', 'GET /b HTTP/1.1\r\nHost: a\r\nBad: 1\r\nY: 2\r\n\r\n'],
      cuts: [3, 5],
      ending: 'last',
      answers: [OK, { ...OK, name: 'other' }],
    };
    const small = await shrinkCase(large, async ({ requests }) => requests.join('').includes('Bad: 1'));
    expect(small).toEqual({
      requests: ['GET / HTTP/1.1\r\nBad: 1\r\n\r\n'],
      cuts: [],
      ending: 'wait',
      answers: [OK],
    });
  });
});
