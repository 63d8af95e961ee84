import type { DifferentialCase } from './differential-case.ts';
import type { SeenAnswer } from './read-answers.ts';
import type { BackendRequest } from './recording-backend.ts';
import type { Run } from './run-case.ts';

/** The first thing in which two runs of a case differ. */
export interface Difference {
  readonly what: 'answer' | 'rest' | 'ending' | 'backend';
  /** Which answer, or which request at the backend. */
  readonly at: number;
  readonly wire: SeenAnswer | BackendRequest | string | undefined;
  readonly fastify: SeenAnswer | BackendRequest | string | undefined;
}

/** Compares what the clients saw, in order, then what the backends saw. null: alike. */
export function compareRuns(one: DifferentialCase, wire: Run, fastify: Run): Difference | null {
  const leaves = one.ending === 'fin' || one.ending === 'reset';
  return (
    (leaves ? compareStarted(wire, fastify) : compareClients(wire, fastify)) ??
    compareBackends(wire, fastify, leaves)
  );
}

function compareClients(wire: Run, fastify: Run): Difference | null {
  const count = Math.max(wire.answers.length, fastify.answers.length);
  for (let at = 0; at < count; at++) {
    const [a, b] = [wire.answers[at], fastify.answers[at]];
    if (!isSame(a, b)) return { what: 'answer', at, wire: a, fastify: b };
  }
  if (wire.rest !== fastify.rest) return { what: 'rest', at: count, wire: wire.rest, fastify: fastify.rest };
  if (isSameEnding(wire, fastify)) return null;
  return { what: 'ending', at: count, wire: wire.ending, fastify: fastify.ending };
}

/**
 * FIN and RST count as one: which it is may depend on whether bytes of the client's were still on their way, and libuv
 * takes an RST right behind data for an end. That an answer is broken shows in `isWhole`, or in the fronts' contract.
 */
function isSameEnding(wire: Run, fastify: Run): boolean {
  return (wire.ending === 'open') === (fastify.ending === 'open');
}

/** Of a client that left, as far as both got with it. */
function compareStarted(wire: Run, fastify: Run): Difference | null {
  for (const [at, a] of wire.answers.entries()) {
    const b = fastify.answers[at];
    if (b !== undefined && a.isWhole && b.isWhole && !isSame(a, b))
      return { what: 'answer', at, wire: a, fastify: b };
  }
  return null;
}

function isSame(a: SeenAnswer | undefined, b: SeenAnswer | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const keys = ['line', 'fields', 'body', 'trailers'] as const;
  // An answer to HEAD looks whole only if another one follows: then that one is the difference.
  if (a.isWhole !== b.isWhole && a.body !== '') return false;
  return keys.every((key) => a[key] === b[key]) && a.interim.join('\n\n') === b.interim.join('\n\n');
}

/** Requests that never came to their end are the time's doing: how much of one was sent is not compared. */
function compareBackends(wire: Run, fastify: Run, leaves: boolean): Difference | null {
  const [a, b] = [wholeOf(wire), wholeOf(fastify)];
  const count = leaves ? Math.min(a.length, b.length) : Math.max(a.length, b.length);
  for (let at = 0; at < count; at++) {
    if (formOf(a[at]) !== formOf(b[at])) return { what: 'backend', at, wire: a[at], fastify: b[at] };
  }
  return null;
}

function wholeOf(run: Run): BackendRequest[] {
  // Of an answer that came early nobody knows how much of the request was sent before it.
  return run.backend.filter(({ isWhole, answer }) => isWhole || answer.when === 'head');
}

/** What both backends should have got alike. The port is the only thing that is each one's own. */
function formOf(request: BackendRequest | undefined): string | null {
  if (request === undefined) return null;
  const { id, head, body, trailers, tunnel, answer } = request;
  const bytes = head.replaceAll(id, 'ID').replace(/^(host: 127\.0\.0\.1:)[0-9]+/im, '$1PORT');
  return JSON.stringify(answer.when === 'head' ? bytes : [bytes, body, trailers, tunnel]);
}
