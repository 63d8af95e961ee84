import type { FuzzRecord } from './fuzz-backend.ts';
import { bytesOf, tagOf } from './fuzz-case.ts';
import type { Played } from './play-fuzz-case.ts';
import { type AnswerReading, type ReferenceAnswer, readAnswers } from './reference-answers.ts';
import { type Field, valuesOf } from './reference-fields.ts';
import {
  originTarget,
  type ReferenceReading,
  type ReferenceRequest,
  readRequests,
} from './reference-requests.ts';

/**
 * What must hold, whatever was sent. The reference reads the client's bytes and the backend's; the proxy's own reading
 * is never asked.
 *
 * 1. What comes out went in: each request that a backend got is one of the client's, in order, whole or its beginning,
 *    with the same method, target and body, and no field that is neither the client's nor the proxy's. Once, unless the
 *    answer never began.
 * 2. Each request has at most one answer, in order, and nothing stands between or behind them.
 * 3. An answer that a backend gave is the client's own: mark, status and body. It is whole if the backend's was, and
 *    never looks whole if it was not.
 * 4. The connection comes to an end.
 */

/** What was violated, by a name that is counted; and in words. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
  /** What is wrong with the bytes that were sent, in a few words. */
  readonly cause: string;
}

/** How a proxy is judged that keeps other promises than Banyan. */
export interface Terms {
  /** Fields that it adds to requests, in lower case. */
  readonly addedFields: ReadonlySet<string>;
}

/** A request that came out, and where it went in. */
type Matched = ReadonlyMap<number, FuzzRecord>;

class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(detail);
    this.rule = rule;
  }
}

/** The first rule that a case has broken; null: none. */
export function judgePlayed(played: Played, terms: Terms): Violation | null {
  try {
    judge(played, terms);
    return null;
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { rule: error.rule, detail: error.message, cause: causeOf(error.rule, played) };
  }
}

/** Of a request that came out what the reference has against those that went in; else what the backend did. */
function causeOf(rule: string, { one, records }: Played): string {
  const { rest, why } = readRequests(bytesOf(one));
  const isOfRequests = rule === CAME_OUT || rule === 'more answers than requests';
  if (isOfRequests) return `requests: ${rest === 'malformed' ? why.replace(/:.*/, '') : rest}`;
  const broken = records.find(({ reply }) => reply.name.includes(','));
  return broken === undefined ? 'nothing broken' : `backend: ${broken.reply.name.replace(/^.*, /, '')}`;
}

/** A time limit of the proxy ran out where all was well. */
export const TOO_LATE = 'too late';

const CAME_OUT = 'a request came out that did not go in';

function judge(played: Played, terms: Terms): void {
  const { one, records, ended } = played;
  const reading = readRequests(bytesOf(one));
  const { matched, overtaken } = matchRecords(records, reading, terms);
  judgeTunnel(records, matched, reading, bytesOf(one));
  if (one.ending !== 'last') return;
  if (ended === 'open') throw new Broken('the connection never ends', `after ${played.bytes.length} bytes`);
  const answers = judgeAnswers(played, reading, matched);
  if (overtaken.length === 0) return;
  // One that was given up may be read late.
  const wereGivenUp = overtaken.every((at) => isTooLate(answers[at]));
  const rule = wereGivenUp ? TOO_LATE : 'requests came out in another order';
  throw new Broken(rule, `${overtaken} of ${reading.requests.length}`);
}

/** Rule 1. */
function matchRecords(
  records: readonly FuzzRecord[],
  reading: ReferenceReading,
  terms: Terms,
): { readonly matched: Matched; readonly overtaken: readonly number[] } {
  const matched = new Map<number, FuzzRecord>();
  const overtaken: number[] = [];
  let next = 0;
  for (const record of records) {
    if (record.isPoisoned) {
      matchPoisoned(record, matched, reading, terms);
      continue;
    }
    const before = matched.get(next - 1);
    const candidate = reading.requests.findIndex(
      (request, at) => at >= next && isSame(record, request, terms),
    );
    if (candidate === -1 && before !== undefined && isResent(record, before)) {
      matched.set(next - 1, record);
      continue;
    }
    const at =
      candidate === -1 && isBeginning(record, reading.open, terms) ? reading.requests.length : candidate;
    if (at === -1) {
      // One that was given up after its time may be read after the next one, by a backend that stood still.
      const missed = reading.requests.findIndex(
        (request, i) => !matched.has(i) && isSame(record, request, terms),
      );
      if (missed === -1) throw new Broken(CAME_OUT, describe(record, reading));
      matched.set(missed, record);
      overtaken.push(missed);
      continue;
    }
    if (matched.has(at) && !REPEATABLE.has(record.request.method))
      throw new Broken('a request was sent twice', describe(record, reading));
    matched.set(at, record);
    next = at + 1;
  }
  return { matched, overtaken };
}

/** It failed at once, so that what came after it may have been read before it. */
function matchPoisoned(
  record: FuzzRecord,
  matched: Map<number, FuzzRecord>,
  reading: ReferenceReading,
  terms: Terms,
): void {
  const own = reading.requests.findIndex((request) => isSame(record, request, terms));
  const at = own === -1 && isBeginning(record, reading.open, terms) ? reading.requests.length : own;
  if (at === -1) throw new Broken(CAME_OUT, describe(record, reading));
  if (!matched.has(at)) matched.set(at, record);
  else if (!REPEATABLE.has(record.request.method))
    throw new Broken('a request was sent twice', describe(record, reading));
}

/** Methods that may be sent again when their answer never began (docs/endpoints.md). */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The same again, on another connection, since the first one's answer never began. */
function isResent(record: FuzzRecord, before: FuzzRecord): boolean {
  // Each request has a number of its own, but the last.
  const [number] = valuesOf(record.request.fields, 'x-n');
  const isTheSame =
    number === valuesOf(before.request.fields, 'x-n')[0] && record.request.target === before.request.target;
  return isTheSame && REPEATABLE.has(record.request.method) && (before.sent === '' || before.isPoisoned);
}

function isSame(record: FuzzRecord, request: ReferenceRequest, terms: Terms): boolean {
  if (!isSameHead(record.request, request, terms)) return false;
  return record.isWhole ? record.request.body === request.body : request.body.startsWith(record.request.body);
}

function isBeginning(record: FuzzRecord, open: ReferenceRequest | null, terms: Terms): boolean {
  if (open === null || record.isWhole) return false;
  return isSameHead(record.request, open, terms) && open.body.startsWith(record.request.body);
}

function isSameHead(out: ReferenceRequest, own: ReferenceRequest, { addedFields }: Terms): boolean {
  // Other proxies pass the absolute form on.
  if (out.method !== own.method || originTarget(out) !== originTarget(own)) return false;
  const known = new Set(own.fields.map(textOf));
  return out.fields.every((field) => addedFields.has(field[0].toLowerCase()) || known.has(textOf(field)));
}

function textOf([name, value]: Field): string {
  return `${name.toLowerCase()}: ${value}`;
}

function describe(record: FuzzRecord, reading: ReferenceReading): string {
  const { method, target, body, fields } = record.request;
  const all = fields.map(textOf).join(' | ');
  return `${method} ${target}, ${all}, a body of ${body.length}${record.isWhole ? '' : ' and not whole'}; what went in: ${reading.requests.length} requests, then ${reading.rest} ${reading.why}`;
}

/** Bytes behind a 101 are the client's, as they came. */
function judgeTunnel(
  records: readonly FuzzRecord[],
  matched: Matched,
  reading: ReferenceReading,
  bytes: string,
): void {
  for (const [at, record] of matched) {
    const request = reading.requests[at];
    if (record.tunnel === '' || request === undefined || !records.includes(record)) continue;
    if (!bytes.startsWith(record.tunnel, request.end))
      throw new Broken('a tunnel changes bytes', JSON.stringify(record.tunnel.slice(0, 200)));
  }
}

/** Rules 2 and 3. */
function judgeAnswers(
  { one, bytes, ended }: Played,
  reading: ReferenceReading,
  matched: Matched,
): readonly ReferenceAnswer[] {
  const { answers, rest, malformed } = readSeen({ one, bytes, ended }, reading);
  if (malformed !== null) throw new Broken('an answer is malformed', malformed);
  const most = reading.requests.length + (reading.rest === 'nothing' ? 0 : 1);
  if (answers.length > most) throw new Broken('more answers than requests', `${answers.length} for ${most}`);
  for (const [at, answer] of answers.entries())
    judgeAnswer(answer, matched.get(at) ?? null, { at, isLast: at === answers.length - 1 });
  const isTunnel = answers.at(-1)?.status === 101;
  if (
    rest !== '' &&
    !isTunnel &&
    answers.at(-1)?.isWhole === true &&
    !'HTTP/1.1'.startsWith(rest.slice(0, 8))
  )
    throw new Broken('bytes behind the answers', JSON.stringify(rest.slice(0, 200)));
  return answers;
}

function isTooLate(answer: ReferenceAnswer | undefined): boolean {
  return answer?.status === 504 || answer?.status === 408;
}

/** Whether a request that could not be read was one of HEAD nobody can say: its answer may have a body or none. */
function readSeen(
  { one, bytes, ended }: Pick<Played, 'one' | 'bytes' | 'ended'>,
  reading: ReferenceReading,
): AnswerReading {
  const methods = reading.requests.map(({ method }) => method);
  const seen = readAnswers(bytes, methods, ended);
  const mayBeHead = /^(?:\r\n)?HEAD/.test(bytesOf(one).slice(reading.at, reading.at + 8));
  const isOdd = seen.rest !== '' || seen.malformed !== null || seen.answers.at(-1)?.isWhole === false;
  return mayBeHead && isOdd ? readAnswers(bytes, [...methods, 'HEAD'], ended) : seen;
}

function judgeAnswer(
  answer: ReferenceAnswer,
  record: FuzzRecord | null,
  where: { readonly at: number; readonly isLast: boolean },
): void {
  if (record?.isPoisoned === true) return;
  if (isOwn(answer)) {
    judgeOwn(answer, record);
    return;
  }
  if (record === null) throw new Broken('an answer from nobody', `answer ${where.at}: ${answer.status}`);
  // Where the mark itself was broken, the body's marks tell.
  const [tag] = valuesOf(answer.fields, 'x-tag');
  if (tag !== undefined && /^#\d{9}$|stolen|late/.test(tag) && tag !== tagOf(record.serial))
    throw new Broken(
      'an answer of another exchange',
      `answer ${where.at} has the mark ${tag}, not ${record.serial}`,
    );
  const { answers, malformed } = readAnswers(record.sent, [record.request.method], record.ended);
  const own = answers[0];
  if (own === undefined)
    throw new Broken('an answer where none was', `${answer.status}; ${malformed ?? record.reply.name}`);
  if (own.status !== answer.status) throw new Broken('another status', `${answer.status} for ${own.status}`);
  const isSound = answer.isWhole ? answer.body === own.body : own.body.startsWith(answer.body);
  if (!isSound)
    throw new Broken(
      'another body',
      `${JSON.stringify(answer.body.slice(0, 100))} for ${JSON.stringify(own.body.slice(0, 100))}`,
    );
  if (answer.isWhole && !own.isWhole) throw new Broken('a broken answer looks whole', record.reply.name);
  if (!answer.isWhole && !where.isLast)
    throw new Broken('something behind a broken answer', record.reply.name);
  if (!answer.isWhole && own.isWhole && record.isWhole)
    throw new Broken('a whole answer was cut', record.reply.name);
}

/** A problem, or what other proxies say instead. */
function isOwn({ fields, body, status }: ReferenceAnswer): boolean {
  if (valuesOf(fields, 'x-tag').length > 0 || status < 300) return false;
  return valuesOf(fields, 'x-request-id').length > 0 || body.includes('<html>') || body === '';
}

/** Right by the grammar, and more than anybody takes. */
const LIMITED = /1xx without end|too large a head|too many fields/;

/** An answer of the proxy's own: it must not stand where a backend's good one does. */
function judgeOwn(answer: ReferenceAnswer, record: FuzzRecord | null): void {
  if (record === null || !record.isWhole || LIMITED.test(record.reply.name)) return;
  const { answers } = readAnswers(record.sent, [record.request.method], record.ended);
  const [own] = answers;
  // A 101 that was not asked for is none.
  const isGood = own?.isWhole === true && own.status !== 101 && valuesOf(own.fields, 'x-tag').length > 0;
  if (!isGood) return;
  const rule = isTooLate(answer) ? TOO_LATE : 'a whole answer was not passed on';
  throw new Broken(rule, `${answer.status} for ${record.reply.name}: ${answer.body.slice(0, 300)}`);
}
