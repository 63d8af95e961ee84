import type { AnswerHead } from '../../model/exchange.ts';
import { type Failure, statusOf } from '../../model/failure.ts';
import { firstValue, type HeaderList } from '../../model/header-list.ts';

/**
 * What a gRPC client is told of a failure: a status of its own kind in an answer of trailers alone, since it makes
 * little of a page with an HTTP status (gRPC over HTTP2, "Responses").
 */

const CODE = {
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** By the status that HTTP has for a failure. A backend that could not be asked is worth another try, and so `unavailable`. */
const BY_STATUS: Readonly<Record<number, number>> = {
  400: CODE.internal,
  408: CODE.deadlineExceeded,
  413: CODE.resourceExhausted,
  414: CODE.resourceExhausted,
  431: CODE.resourceExhausted,
  499: CODE.cancelled,
  501: CODE.unimplemented,
  502: CODE.unavailable,
  503: CODE.unavailable,
  504: CODE.deadlineExceeded,
  508: CODE.internal,
  500: CODE.internal,
};

/** Whether these are fields of a call of gRPC. */
export function isGrpc(headers: HeaderList): boolean {
  const type = firstValue(headers, 'content-type')?.toLowerCase() ?? '';
  // Not gRPC-Web, which reads the body of whatever HTTP answers.
  return /^application\/grpc(?:$|[+;])/.test(type);
}

/** The code that stands for a failure. Pure. */
export function grpcCode(failure: Failure): number {
  // Nobody was reached in time, so nothing was begun: as if nobody listened.
  if (failure === 'connect_timeout') return CODE.unavailable;
  return BY_STATUS[statusOf(failure)] ?? CODE.unknown;
}

/** A failure as the whole answer to a call. Pure. */
export function grpcProblem(problem: {
  readonly failure: Failure;
  readonly requestId: string;
  readonly fields: HeaderList;
}): AnswerHead {
  const { failure, requestId, fields } = problem;
  const headers = [
    ...['content-type', 'application/grpc', 'x-request-id', requestId],
    ...fields,
    ...['grpc-status', String(grpcCode(failure)), 'grpc-message', failure],
  ];
  // Nothing follows: the head that ends the stream is what tells a client that this is all.
  return { status: 200, reason: '', headers, bodyLength: 0 };
}
