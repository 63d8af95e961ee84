import type { Failure } from '../../model/failure.ts';
import { type ErrorName, errorCode, SessionError } from '../../model/http2/http2-words.ts';

/** What ends a connection, and how it is counted. */
export class ConnectionFault extends SessionError {
  readonly failure: Failure;

  constructor(name: ErrorName, failure: Failure, message: string) {
    super(name, message);
    this.failure = failure;
  }
}

/** How anything that was thrown while frames were read is counted. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ConnectionFault) return error.failure;
  if (!(error instanceof SessionError)) return 'internal';
  // Only a header block without end is an excess among the errors of frames.
  return error.code === errorCode('ENHANCE_YOUR_CALM') ? 'header_too_large' : 'malformed_request';
}
