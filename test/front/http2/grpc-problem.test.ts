import { describe, expect, it } from 'vitest';
import { grpcCode, grpcProblem, isGrpc } from '../../../src/front/http2/grpc-problem.ts';
import { FAILURES, type Failure } from '../../../src/model/failure.ts';

/** Codes by gRPC's own numbers. */
const EXPECTED: Readonly<Record<number, readonly Failure[]>> = {
  1: ['client_closed'],
  4: ['response_timeout', 'idle_timeout', 'deadline', 'request_timeout'],
  8: ['body_too_large', 'header_too_large', 'url_too_long'],
  12: ['bad_method'],
  13: ['malformed_request', 'ambiguous_path', 'ambiguous_query', 'loop', 'internal'],
  14: [
    ...(['connect_refused', 'connect_timeout', 'dns', 'tls', 'reset', 'bad_response'] as const),
    ...(['no_endpoint', 'breaker_open', 'over_capacity', 'draining'] as const),
  ],
};

describe('a failure in gRPC', () => {
  it.each(
    Object.entries(EXPECTED).flatMap(([code, failures]) =>
      failures.map((failure) => [failure, Number(code)] as const),
    ),
  )('%s is %i', (failure, code) => {
    expect(grpcCode(failure)).toBe(code);
  });

  it('has a code whatever it is', () => {
    for (const failure of FAILURES) expect(grpcCode(failure)).toBeGreaterThan(0);
  });

  it('is a head and nothing more, which says what and whose', () => {
    const { status, bodyLength, headers } = grpcProblem({
      failure: 'dns',
      requestId: 'r1',
      fields: ['x-banyan-side', 'feature'],
    });
    expect([status, bodyLength]).toEqual([200, 0]);
    expect(headers).toEqual([
      ...['content-type', 'application/grpc', 'x-request-id', 'r1', 'x-banyan-side', 'feature'],
      ...['grpc-status', '14', 'grpc-message', 'dns'],
    ]);
  });

  it.each([
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['Application/gRPC; charset=utf-8', true],
    ['application/grpc-web', false],
    ['application/grpc-web+proto', false],
    ['application/json', false],
  ])('is told to who sends %s: %s', (type, isTold) => {
    expect(isGrpc(['content-type', type])).toBe(isTold);
  });
});
