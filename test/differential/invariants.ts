import type { Run } from './run-case.ts';

/** Failures that are found before a request is sent to anybody. Those of its body are found while it is sent. */
const REFUSED = new Set([
  ...['malformed_request', 'header_too_large', 'url_too_long', 'bad_version', 'bad_method', 'loop'],
  ...['ambiguous_path', 'ambiguous_query', 'request_timeout'],
]);

/** What must hold on each side, whatever the other does; says what is wrong, or null. */
export function brokenInvariant(run: Run): string | null {
  const { backend, answers } = run;
  for (const { id, arrivals, answer } of backend) {
    // An answer that never began may be asked for again, once (docs/failures.md).
    const most = answer.pieces.every((piece) => piece === '') ? 2 : 1;
    if (id === '') return 'a request without an id';
    if (arrivals > most) return `a request was sent ${arrivals} times`;
  }
  if (backend.length > answers.length + 1)
    return `${backend.length} requests came out for ${answers.length} answers and one that was under way`;
  for (const { problem } of answers) {
    if (problem === null || !REFUSED.has(problem.failure)) continue;
    const sent = backend.find(({ id }) => id === problem.id);
    if (sent?.isWhole) return `refused as ${problem.failure}, but sent whole`;
  }
  return null;
}
