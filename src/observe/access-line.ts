import type { Decision } from '../model/decision.ts';
import { firstValue } from '../model/header-list.ts';
import { isShownAsItCame, loggableTarget, loggableText, rememberSecretNames } from '../model/mask-secrets.ts';
import type { Outcome } from '../model/outcome.ts';
import { protocolOf } from '../model/request.ts';
import type { Route } from '../model/route-table.ts';
import { LONGEST_METHOD, LONGEST_USER_AGENT } from './access-entry.ts';
import { decisionKey } from './metric-labels.ts';

/**
 * The JSON line of an exchange, made by hand: to the byte what JSON.stringify makes of its {@link AccessEntry} (a
 * property test compares), at a fraction of the cost, since there is one line for each request. No object is made; what a
 * decision says is turned into text once; a value is looked through once for characters that JSON or a terminal would
 * mind, and taken as it is when there are none.
 */

/** Makes lines. It keeps the text of decisions and of the current second, and what names are secret. */
export class AccessLines {
  readonly #isSecret = rememberSecretNames();
  readonly #decided = new WeakMap<Route, DecisionText[]>();
  #second = Number.NaN;
  /** `{"time":"2024-05-06T07:08:09.` */
  #upToSecond = '';
  #client = '';
  #method = '';
  /** What stands between the request id and the path of such a client and method. */
  #asked = askedText('', '');
  #userAgent: string | undefined = undefined;
  #protocol = '';
  #agent = '';

  /** The line of an exchange, with its line feed. Few pieces: V8 copies each by itself when the line is written. */
  lineOf(outcome: Outcome): string {
    const { head, backendMs, bytesIn } = outcome;
    return (
      this.#timeText(outcome.time) +
      withinQuotes(outcome.requestId) +
      this.#askedText(outcome.client, head.method) +
      this.#targetText(head.target) +
      this.#answeredText(outcome) +
      durationText(outcome.durationMs) +
      (backendMs === null ? ',"backend_ms":null' : `,"backend_ms":${durationText(backendMs)}`) +
      (bytesIn === 0 ? ',"bytes_in":0,"bytes_out":' : `,"bytes_in":${bytesIn},"bytes_out":`) +
      outcome.bytesOut +
      this.#agentText(firstValue(head.headers, 'user-agent'), protocolOf(head))
    );
  }

  /** Wall clock in ms as ISO 8601 in UTC, up to the request id; the part that changes once a second is kept. */
  #timeText(timeMs: number): string {
    const whole = Math.trunc(timeMs);
    const second = Math.floor(whole / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#upToSecond = `{"time":"${new Date(second * 1000).toISOString().slice(0, -4)}`;
    }
    return this.#upToSecond + (MILLISECONDS[whole - second * 1000] as string);
  }

  #askedText(client: string, method: string): string {
    if (client !== this.#client || method !== this.#method) {
      this.#client = client;
      this.#method = method;
      this.#asked = askedText(client, method);
    }
    return this.#asked;
  }

  #agentText(userAgent: string | undefined, protocol: string): string {
    if (userAgent !== this.#userAgent || protocol !== this.#protocol) {
      this.#userAgent = userAgent;
      this.#protocol = protocol;
      const text = userAgent === undefined ? 'null' : clientText(userAgent, LONGEST_USER_AGENT);
      this.#agent = `,"user_agent":${text},"protocol":"${protocol}"}\n`;
    }
    return this.#agent;
  }

  #targetText(target: string): string {
    if (isShownAsItCame(target, this.#isSecret)) return target;
    return withinQuotes(loggableTarget(target, this.#isSecret));
  }

  /** From the status to the duration: kept as it was the last time for each decision. */
  #answeredText(outcome: Outcome): string {
    const decided = this.#decisionText(outcome.decision);
    const { last } = decided;
    if (last === null || !isAnsweredAlike(outcome, last)) {
      const { status, endpoint, attempts, failure, fallback } = outcome;
      decided.last = { status, endpoint, attempts, failure, fallback };
      decided.answered = answeredText(outcome, decided.text);
    }
    return decided.answered;
  }

  /** Kept by route, side and reason, not by decision: those may be made anew for each request. */
  #decisionText(decision: Decision): DecisionText {
    const { route, feature } = decision;
    const key = decision.kind === 'forward' ? decisionKey(decision.side, decision.reason) : LOCAL;
    let known = this.#decided.get(route);
    if (known === undefined) {
      known = [];
      this.#decided.set(route, known);
    }
    for (const one of known) if (one.key === key && one.feature === feature) return one;
    const made = { key, feature, text: decisionText(decision), last: null, answered: '' };
    known.push(made);
    return made;
  }
}

interface DecisionText {
  readonly key: number;
  readonly feature: Decision['feature'];
  readonly text: string;
  /** Of the line before. */
  last: Answered | null;
  answered: string;
}

/** What changes little from one answer to a decision to the next. */
interface Answered extends Pick<Outcome, 'status' | 'endpoint' | 'attempts' | 'failure'> {
  readonly fallback?: Outcome['fallback'] | undefined;
}

function isAnsweredAlike(a: Answered, b: Answered): boolean {
  return (
    a.status === b.status &&
    a.endpoint === b.endpoint &&
    a.attempts === b.attempts &&
    a.failure === b.failure &&
    a.fallback === b.fallback
  );
}

function answeredText({ status, endpoint, attempts, failure, fallback }: Answered, decided: string): string {
  return (
    `","status":${status}${decided}` +
    `,"endpoint":${endpoint === null ? 'null' : jsonText(endpoint)}` +
    `,"attempts":${attempts},"failure":${failure === null ? 'null' : `"${failure}"`}` +
    `,"fallback":${fallback === undefined ? 'null' : `"${fallback}"`},"duration_ms":`
  );
}

function askedText(client: string, method: string): string {
  return `","client":${jsonText(client)},"method":${clientText(method, LONGEST_METHOD)},"path":"`;
}

/** No key of a side and reason. */
const LOCAL = -1;

function decisionText(decision: Decision): string {
  const isForward = decision.kind === 'forward';
  const fields = {
    route: decision.route.name,
    feature: decision.feature?.name ?? null,
    stage: decision.feature?.stage ?? null,
    side: isForward ? decision.side : null,
    reason: isForward ? decision.reason : null,
  };
  return `,${JSON.stringify(fields).slice(1, -1)}`;
}

/** `000Z","request_id":"` … `999Z","request_id":"` */
const MILLISECONDS: readonly string[] = Array.from(
  { length: 1000 },
  (_, i) => `${String(i).padStart(3, '0')}Z","request_id":"`,
);
/** Thousandths as a number writes them: '', `.001` … `.01` … `.999`. */
const THOUSANDTHS: readonly string[] = Array.from({ length: 1000 }, (_, i) => String(i / 1000).slice(1));
/** Above it a double has no exact thousandths. */
const LONGEST_US = 1e15;

/** Milliseconds with no more digits than a microsecond, as JSON writes them. Whole numbers are far cheaper to write. */
function durationText(ms: number): string {
  const us = Math.round(ms * 1000);
  if (!(us >= 0 && us < LONGEST_US)) return JSON.stringify(us / 1000);
  const whole = Math.floor(us / 1000);
  return whole + (THOUSANDTHS[us - whole * 1000] as string);
}

/** Characters that are the same in a JSON text, for a terminal, and in UTF-8. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

function jsonText(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The same without its quotes. */
function withinQuotes(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c)
      return JSON.stringify(text).slice(1, -1);
  }
  return text;
}

/** A text of the client's. */
function clientText(text: string, longest: number): string {
  if (text.length <= longest && PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(loggableText(text, longest));
}
