import { METHODS } from 'node:http';
import type { Difference } from './compare-runs.ts';
import { bytesOf, type DifferentialCase } from './differential-case.ts';
import { answerOf } from './draw-answer.ts';
import type { SeenAnswer } from './read-answers.ts';
import { sentFrom } from './sent-from.ts';

/** Of what is refused before it is sent to anybody. */
const REFUSALS: ReadonlySet<number> = new Set([400, 414, 431, 501, 505, 508]);
const CHUNKED = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

/** A difference as it is judged. */
export interface Judged extends Difference {
  /** What was sent from the request on that is answered differently. */
  readonly sent: string;
  /** And from the one before it on; the same for the first. */
  readonly before: string;
  /** Status codes of the two answers; 0: none. */
  readonly statuses: { readonly wire: number; readonly fastify: number };
}

/** A difference that is meant to be, or cannot be helped. docs/fronts.md shows this list. */
export interface KnownDifference {
  readonly name: string;
  /** For readers: what, and why. */
  readonly reason: string;
  /** A case that shows it. */
  readonly example: DifferentialCase;
  readonly holds: (judged: Judged) => boolean;
}

/** Every known difference. One whose example shows it no more has to go (differential.test.ts). */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    name: 'methods that node:http does not know',
    reason: 'Its parser has a list of methods: any other token is 400 there, and passes the wire front',
    example: sending('BREW / HTTP/1.1\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) => statuses.fastify === 400 && !METHODS.includes(wordOf(sent)),
  },
  {
    name: 'bytes from 0x80 on in a target',
    reason: 'The parser of node:http refuses them with 400; the wire front passes them as they came',
    example: sending('GET /caf\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) => statuses.fastify === 400 && /[\x80-\xff]/.test(targetOf(sent)),
  },
  {
    name: 'HTTP/1.2 to 1.9',
    reason:
      'The parser of node:http knows 1.0 and 1.1 alone: 505 there, or 400 in a request sent ahead, where the version cannot be seen. The wire front reads them as 1.1',
    example: sending('GET / HTTP/1.2\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) =>
      (statuses.fastify === 505 || statuses.fastify === 400) &&
      /^(?:\r\n)?\S+ \S+ HTTP\/1\.[2-9]\r\n/.test(sent),
  },
  {
    name: 'other versions in a request sent ahead',
    reason:
      'The wire front says 505 as ever; node:http does not show the version of a request that is not the first: 400',
    example: sending('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n', 'GET /2 HTTP/3.0\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, at }) => at > 0 && statuses.wire === 505 && statuses.fastify === 400,
  },
  {
    name: 'a request line without a version',
    reason: 'node:http cannot tell it from HTTP/0.9, which is 505; to the wire front it is malformed, 400',
    example: sending('GET /\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) =>
      statuses.wire === 400 && statuses.fastify === 505 && /^(?:\r\n)?\S+ \S+\s*\r\n/.test(sent),
  },
  {
    name: 'framing fields among trailers',
    reason:
      'node:http refuses Content-Length and Transfer-Encoding in trailers with 400, or closes where nobody reads the body; the wire front reads them, and they are not sent on',
    example: sending(`${CHUNKED}1\r\nx\r\n0\r\nContent-Length: 5\r\n\r\n`),
    holds: ({ statuses, before }) =>
      (statuses.fastify === 400 || statuses.fastify === 0) &&
      /\r\n0+(?:[ \t]*;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*(?:content-length|transfer-encoding)[ \t]*:/i.test(
        before,
      ),
  },
  {
    name: 'blanks around chunk extensions',
    reason: 'node:http refuses them with 400; the wire front takes them (RFC 9112 section 7.1.1)',
    example: sending(`${CHUNKED}1 ;a\r\nx\r\n0\r\n\r\n`),
    holds: ({ statuses, before }) =>
      (statuses.fastify === 400 || statuses.fastify === 0) &&
      /\r\n[0-9a-f]+(?:[ \t]+;|;[^\r\n]*(?:;[ \t]|[ \t]=|=[ \t])|;[ \t])/i.test(before),
  },
  {
    name: 'chunk extensions that are none',
    reason:
      'node:http takes names without a value after `=`, unfinished quotes and the like; to the wire front they are malformed, 400',
    example: sending(`${CHUNKED}1;a=\r\nx\r\n0\r\n\r\n`),
    holds: ({ statuses, before }) =>
      (statuses.wire === 400 || statuses.wire === 0) &&
      /\r\n[0-9a-f]+;[^\r\n]*\r\n/i.test(before) &&
      statuses.fastify !== 400,
  },
  {
    name: 'chunks of more than 2^53 bytes',
    reason:
      'node:http begins to read any that 16 digits can tell; to the wire front a size that no number holds is malformed, 400',
    example: { ...sending(`${CHUNKED}dbbbbbbbbbbbbb\r\nx`), ending: 'wait' },
    holds: ({ statuses, before }) =>
      statuses.wire === 400 &&
      statuses.fastify !== 400 &&
      /\r\n0*(?:[2-9a-f][0-9a-f]{13}|[1-9a-f][0-9a-f]{14,15})[\r;]/i.test(before),
  },
  {
    name: 'a tab behind a Content-Length',
    reason:
      'node:http takes spaces alone there: 400; to the wire front it is blank as anywhere (RFC 9110 section 5.6.3)',
    example: sending('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\t\r\n\r\nx'),
    holds: ({ statuses, before }) =>
      statuses.fastify === 400 && /\ncontent-length:[ \t]*[0-9]+ *\t/i.test(before),
  },
  {
    name: 'empty lines before a request',
    reason:
      'node:http skips all of them, also a bare CR or LF; the wire front skips one CRLF (RFC 9112 section 2.2)',
    example: sending('\n\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) => statuses.wire === 400 && /^(?:[\r\n]{3}|\r(?!\n)|\n)/.test(sent),
  },
  {
    name: 'spaces in a request line',
    reason: 'node:http takes several around the target; one is allowed (RFC 9112 section 3)',
    example: sending('GET   / HTTP/1.1\r\nHost: a\r\n\r\n'),
    holds: ({ statuses, sent }) => statuses.wire === 400 && /^(?:\r\n)?\S+ (?: +|\S+ {2,})\S/.test(sent),
  },
  {
    name: 'a malformed line that does not end',
    reason:
      'node:http refuses it at the first wrong byte; the wire front when the line is whole, or `--header-timeout` is over',
    example: { ...sending('GET a HTTP/1.1'), ending: 'wait' },
    holds: ({ statuses, fastify, sent }) => statuses.wire === 0 && isProblem(fastify) && !sent.endsWith('\n'),
  },
  {
    name: 'a target that is too long and does not end',
    reason:
      'node:http shows it when it is whole, or `--header-timeout` is over; the wire front says 414 at once',
    example: { ...sending(`GET /${'u'.repeat(17_000)}`), ending: 'wait' },
    holds: ({ statuses, sent }) => statuses.wire === 414 && statuses.fastify === 0 && !sent.includes('\n'),
  },
  {
    name: 'two faults in one head',
    reason: 'Each parser names the one that it comes to first: one says 400, say, the other 414, 431 or 505',
    example: sending(`GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(210)}bad line\r\n\r\n`),
    holds: ({ statuses, wire, fastify }) =>
      REFUSALS.has(statuses.wire) &&
      REFUSALS.has(statuses.fastify) &&
      isProblem(wire) &&
      isProblem(fastify) &&
      statuses.wire !== statuses.fastify,
  },
  {
    name: 'an answer before a body that is malformed',
    reason:
      'Where nobody reads the body, node:http may have come to its fault before the answer, which says `Connection: close` then; the wire front comes to it afterwards, and closes',
    example: {
      ...sending(
        'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
        'POST /gone HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      ),
      ending: 'wait',
    },
    holds: ({ wire, fastify, sent }) =>
      /\ntransfer-encoding *:/i.test(sent) &&
      isAnswer(wire) &&
      isAnswer(fastify) &&
      fastify.fields.replace('\r\nConnection: close', '') === wire.fields,
  },
  {
    name: 'an answer before the 100 that a client waits for',
    reason:
      'Where the body came all the same, node:http may have read it by then, and the connection is kept; the wire front reads no body that nobody asked for, and closes',
    example: {
      ...sending(`POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx`),
      answers: [{ name: 'early 417', when: 'head', pieces: [answerOf(417, [], '')], after: 'keep' }],
    },
    holds: ({ wire, fastify, sent }) =>
      /^expect:.*100-continue/im.test(sent) &&
      isAnswer(wire) &&
      isAnswer(fastify) &&
      wire.fields.replace('\r\nConnection: close', '') === fastify.fields,
  },
  {
    name: 'how a problem is told where nothing is known of a head',
    reason:
      'When its parser fails, node:http gives no fields, and of a request sent ahead no method: the problem is JSON whatever Accept says, and has a body also for HEAD',
    example: sending('GET / HTTP/1.1\r\nAccept: text/plain\r\nbad line\r\n\r\n'),
    holds: ({ statuses, wire, fastify, sent }) =>
      statuses.wire === statuses.fastify &&
      isProblem(wire) &&
      isProblem(fastify) &&
      /^HEAD |\naccept *:/i.test(sent),
  },
];

/** The known difference that this one is; null: it is a fault. */
export function knownDifference(one: DifferentialCase, difference: Difference): KnownDifference | null {
  const { at, wire, fastify } = difference;
  const bytes = bytesOf(one);
  const judged: Judged = {
    ...difference,
    sent: sentFrom(bytes, at),
    before: sentFrom(bytes, Math.max(0, at - 1)),
    statuses: { wire: statusOf(wire), fastify: statusOf(fastify) },
  };
  return KNOWN_DIFFERENCES.find(({ holds }) => holds(judged)) ?? null;
}

function sending(...requests: readonly string[]): DifferentialCase {
  return { requests, cuts: [], ending: 'last', answers: [] };
}

function wordOf(sent: string): string {
  return /^(?:\r\n)?(\S*)/.exec(sent)?.[1] ?? '';
}

function targetOf(sent: string): string {
  return /^(?:\r\n)?\S+[ \t]+(\S*)/.exec(sent)?.[1] ?? '';
}

function isAnswer(seen: Difference['wire']): seen is SeenAnswer {
  return typeof seen === 'object' && 'line' in seen;
}

function isProblem(seen: Difference['wire']): boolean {
  return isAnswer(seen) && seen.problem !== null;
}

function statusOf(seen: Difference['wire']): number {
  return isAnswer(seen) ? Number(/^HTTP\/1.1 (\d+)/.exec(seen.line)?.[1]) : 0;
}
