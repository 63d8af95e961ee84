import { describe, expect, it } from 'vitest';
import { renderProblem } from '../../src/front/problem.ts';
import { FAILURES, statusOf } from '../../src/model/failure.ts';
import { firstValue } from '../../src/model/header-list.ts';

describe('renderProblem', () => {
  it.each(FAILURES)('renders %s both ways', (failure) => {
    const json = renderProblem({ failure, requestId: 'r-1', accept: undefined, now: 0 });
    expect(json.status).toBe(statusOf(failure));
    expect(firstValue(json.headers, 'content-length')).toBe(String(json.body.length));
    expect(firstValue(json.headers, 'date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT');
    expect(JSON.parse(json.body.toString())).toEqual({
      type: 'about:blank',
      title: json.reason,
      status: json.status,
      detail: expect.stringMatching(/\.$/) as string,
      failure,
      request_id: 'r-1',
    });
    const text = renderProblem({ failure, requestId: 'r-1', accept: 'text/plain', now: 0 });
    expect(text.body.toString()).toMatch(
      new RegExp(`^${json.status} .*\n\n.*\nfailure: ${failure}\nrequest: r-1\n$`),
    );
  });

  it('says when to come again only for what passes by itself', () => {
    const withRetry = FAILURES.filter(
      (failure) =>
        firstValue(
          renderProblem({ failure, requestId: 'r', accept: undefined, now: 0 }).headers,
          'retry-after',
        ) !== undefined,
    );
    expect(withRetry).toEqual(['no_endpoint', 'breaker_open', 'over_capacity', 'draining']);
  });
});
