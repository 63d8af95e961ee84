import type { Rule, Seen, SeenAnswer, SeenRequest, Side } from './edge-case.ts';
import { fieldsOf } from './play/read-head.ts';

/** What is allowed, put together of few words. Each rule says what it allows, and what it saw instead. */

/** The request is refused with one of these statuses, no backend gets it whole, and nothing that follows is read. */
export function refused(...statuses: readonly number[]): Rule {
  return {
    text: `refused: ${statuses.join(', ')}`,
    check: (seen) => {
      const whole = seen.requests.filter((request) => request.isWhole);
      if (whole.length > 0) return `${routeText(whole)}${statusText(seen)}`;
      const [answer, ...more] = seen.answers;
      if (answer === undefined) return silenceText(seen);
      if (more.length > 0) return `answered ${seen.answers.length} times: ${statusesOf(seen)}`;
      return statuses.includes(answer.status) ? null : `${answer.status}`;
    },
  };
}

/** What of a request that passes is looked at. */
export interface Passing {
  readonly side?: Side;
  readonly method?: string;
  readonly target?: string | RegExp;
  readonly body?: string;
  /** Fields that the backend gets: all values in order, or a pattern that their list with commas has. */
  readonly has?: Readonly<Record<string, string | RegExp>>;
  /** Fields that it does not get. */
  readonly lacks?: readonly string[];
  /** Lines of the trailer section, without blanks. */
  readonly trailers?: string | RegExp;
  readonly status?: number;
  /** Of the answer, as it reaches the client. */
  readonly answer?: {
    readonly body?: string;
    readonly has?: Readonly<Record<string, string | RegExp>>;
    readonly lacks?: readonly string[];
    readonly trailers?: string | RegExp;
    /** Statuses of the 1xx before it. */
    readonly interim?: readonly number[];
  };
  /** More than one request, one after the other. */
  readonly times?: number;
  /** For the page, instead of what follows from the rest. */
  readonly text?: string;
}

/** Exactly one request reaches one backend, sound and whole, and its answer reaches the client whole. */
export function passes(what: Passing = {}): Rule {
  return { text: what.text ?? passingText(what), check: (seen) => checkPassing(seen, what) };
}

function checkPassing(seen: Seen, what: Passing): string | null {
  const times = what.times ?? 1;
  const { requests, answers } = seen;
  const broken = requests.find(({ fault }) => fault !== null);
  if (broken !== undefined) return `the backend got ${broken.fault}`;
  if (requests.length === 0) return answers.length === 0 ? silenceText(seen) : `refused: ${statusesOf(seen)}`;
  if (requests.length !== times)
    return `${requests.length} requests reached backends: ${routeText(requests)}`;
  if (requests.some(({ isWhole }) => !isWhole)) return `the backend got half of it${statusText(seen)}`;
  const [answer] = answers;
  if (answer === undefined) return silenceText(seen);
  if (answers.length !== times) return `${answers.length} answers: ${statusesOf(seen)}`;
  if (answer.status !== (what.status ?? 200)) return `${answer.status}`;
  if (!answer.isWhole) return 'half an answer';
  return checkRequest(requests[0] as SeenRequest, what) ?? checkAnswer(answer, what.answer ?? {});
}

function checkRequest(request: SeenRequest, what: Passing): string | null {
  const { side, method, target, body, trailers } = what;
  if (side !== undefined && request.side !== side) return `${request.side} got ${shown(request.target)}`;
  if (method !== undefined && request.method !== method) return `method ${shown(request.method)}`;
  if (target !== undefined && !isLike(request.target, target)) return `target ${shown(request.target)}`;
  if (body !== undefined && request.body !== body) return `body ${shown(request.body)}`;
  if (trailers !== undefined && !isLike(request.trailers.trim(), trailers))
    return `trailers ${shown(request.trailers)}`;
  return checkFields(request.head, what, 'backend');
}

function checkAnswer(answer: SeenAnswer, what: NonNullable<Passing['answer']>): string | null {
  if (what.body !== undefined && answer.body !== what.body)
    return `the client got the body ${shown(answer.body)}`;
  if (what.trailers !== undefined && !isLike(answer.trailers.trim(), what.trailers))
    return `the client got the trailers ${shown(answer.trailers)}`;
  const interim = answer.interim.map((head) => Number(head.slice(9, 12)));
  if (what.interim !== undefined && String(interim) !== String(what.interim))
    return `1xx before it: ${interim.join(', ') || 'none'}`;
  return checkFields(answer.head, what, 'client');
}

function checkFields(
  head: string,
  { has = {}, lacks = [] }: Pick<Passing, 'has' | 'lacks'>,
  who: string,
): string | null {
  for (const [name, wanted] of Object.entries(has)) {
    const values = fieldsOf(head, name);
    if (values.length === 0) return `the ${who} got no ${name}`;
    if (!isLike(values.join(', '), wanted)) return `the ${who} got ${name}: ${shown(values.join(', '))}`;
  }
  const left = lacks.find((name) => fieldsOf(head, name).length > 0);
  return left === undefined ? null : `the ${who} got ${left}: ${shown(fieldsOf(head, left).join(', '))}`;
}

/** Any of them. */
export function either(...rules: readonly Rule[]): Rule {
  return {
    text: rules.map(({ text }) => text).join(', or '),
    check: (seen) => {
      const problems = rules.map((rule) => rule.check(seen));
      return problems.includes(null) ? null : (problems.at(-1) as string);
    },
  };
}

/** All of them. */
export function all(...rules: readonly Rule[]): Rule {
  return {
    text: rules.map(({ text }) => text).join('; '),
    check: (seen) => rules.map((rule) => rule.check(seen)).find((problem) => problem !== null) ?? null,
  };
}

/** Something of its own. */
export function that(text: string, check: (seen: Seen) => string | null): Rule {
  return { text, check };
}

/** The client gets exactly these answers, whole, in this order. */
export function answered(...statuses: readonly number[]): Rule {
  return that(`answered ${statuses.join(', then ')}`, (seen) => {
    if (statusesOf(seen) !== statuses.join(', ')) return statusesOf(seen) || silenceText(seen);
    return seen.answers.every(({ isWhole }) => isWhole) ? null : 'half an answer';
  });
}

/** A broken answer of a backend: the client gets one of these statuses, or sees that what it got is not whole. */
export function brokenOff(...statuses: readonly number[]): Rule {
  return that(`${statuses.join(', ')}, or visibly cut`, (seen) => {
    const [answer] = seen.answers;
    if (answer === undefined) return seen.end === 'open' ? silenceText(seen) : null;
    if (statuses.includes(answer.status)) return answer.isWhole ? null : 'half an answer of its own';
    if (answer.isWhole) return `the client takes it for whole: ${answer.status}, body ${shown(answer.body)}`;
    return seen.end === 'open' ? 'half an answer, and the connection stays open' : null;
  });
}

function passingText(what: Passing): string {
  const parts = [
    `reaches ${what.side ?? 'a backend'}`,
    what.method && `as ${what.method}`,
    what.target !== undefined && `at ${textOf(what.target)}`,
    what.body !== undefined && `with the body ${shown(what.body)}`,
    ...Object.entries(what.has ?? {}).map(([name, value]) => `with ${name}: ${textOf(value)}`),
    what.lacks !== undefined && `without ${what.lacks.join(', ')}`,
    what.status !== undefined && `answered ${what.status}`,
    ...Object.entries(what.answer?.has ?? {}).map(
      ([name, value]) => `the client gets ${name}: ${textOf(value)}`,
    ),
    what.answer?.lacks !== undefined && `the client does not get ${what.answer.lacks.join(', ')}`,
    what.answer?.body !== undefined && `the client gets the body ${shown(what.answer.body)}`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

function isLike(text: string, wanted: string | RegExp): boolean {
  return typeof wanted === 'string' ? text === wanted : wanted.test(text);
}

function textOf(wanted: string | RegExp): string {
  return typeof wanted === 'string' ? shown(wanted) : `like ${wanted.source}`;
}

/** Escaped, short. */
export function shown(text: string): string {
  const escaped = JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\x7f-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`);
  return escaped.length > 60 ? `${escaped.slice(0, 60)}…` : escaped || '(empty)';
}

function routeText(requests: readonly SeenRequest[]): string {
  return requests.map(({ side, method, target }) => `${side} got ${shown(`${method} ${target}`)}`).join(', ');
}

function statusesOf({ answers }: Seen): string {
  return answers.map(({ status }) => status).join(', ');
}

function statusText(seen: Seen): string {
  return seen.answers.length === 0 ? '' : `; ${statusesOf(seen)}`;
}

function silenceText({ end, rest }: Seen): string {
  if (rest !== '') return `no answer but ${shown(rest)}`;
  return end === 'open' ? 'no answer' : 'closed without an answer';
}
