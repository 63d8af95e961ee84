import { renderHead } from '../answer-head.ts';
import { renderProblem } from '../problem.ts';

/** The answer to plain HTTP on the TLS port: head and body, latin1. */
export function plainAnswer(requestId: string): string {
  const problem = renderProblem({
    failure: 'tls_handshake',
    requestId,
    accept: undefined,
    now: Date.now(),
  });
  const head = { ...problem, bodyLength: problem.body.length };
  const { text } = renderHead(head, { method: 'GET', minorVersion: 1, persistent: false });
  return text + problem.body.toString('latin1');
}
