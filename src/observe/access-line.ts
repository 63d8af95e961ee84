import type { Decision } from '../model/decision.ts';
import { firstValue } from '../model/header-list.ts';
import {
  isHarmlessTarget,
  loggableTarget,
  loggableText,
  rememberSecretNames,
} from '../model/mask-secrets.ts';
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
  readonly #client = new SameText(jsonText);
  readonly #method = new SameText((method) => clientText(method, LONGEST_METHOD));
  readonly #endpoint = new SameText(jsonText);
  readonly #userAgent = new SameText((value) => clientText(value, LONGEST_USER_AGENT));
  readonly #decided = new WeakMap<Route, DecisionText[]>();
  #second = Number.NaN;
  /** `2024-05-06T07:08:09.` */
  #upToSecond = '';

  /** The line of an exchange, with its line feed. */
  lineOf(outcome: Outcome): string {
    const { head, endpoint, backendMs, failure, fallback } = outcome;
    const userAgent = firstValue(head.headers, 'user-agent');
    return (
      `{"time":"${this.#timeText(outcome.time)}","request_id":${jsonText(outcome.requestId)}` +
      `,"client":${this.#client.of(outcome.client)},"method":${this.#method.of(head.method)}` +
      `,"path":${this.#targetText(head.target)},"status":${outcome.status}${this.#decisionText(outcome.decision)}` +
      `,"endpoint":${endpoint === null ? 'null' : this.#endpoint.of(endpoint)}` +
      `,"attempts":${outcome.attempts},"failure":${failure === null ? 'null' : `"${failure}"`}` +
      `,"fallback":${fallback === undefined ? 'null' : `"${fallback}"`}` +
      `,"duration_ms":${durationText(outcome.durationMs)}` +
      `,"backend_ms":${backendMs === null ? 'null' : durationText(backendMs)}` +
      `,"bytes_in":${outcome.bytesIn},"bytes_out":${outcome.bytesOut}` +
      `,"user_agent":${userAgent === undefined ? 'null' : this.#userAgent.of(userAgent)}` +
      `,"protocol":"${protocolOf(head)}"}\n`
    );
  }

  /** Wall clock in ms as ISO 8601 in UTC; the part that changes once a second is kept. */
  #timeText(timeMs: number): string {
    const whole = Math.trunc(timeMs);
    const second = Math.floor(whole / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#upToSecond = new Date(second * 1000).toISOString().slice(0, -4);
    }
    return this.#upToSecond + (MILLISECONDS[whole - second * 1000] as string);
  }

  #targetText(target: string): string {
    return isHarmlessTarget(target) ? `"${target}"` : jsonText(loggableTarget(target, this.#isSecret));
  }

  /** Kept by route, side and reason, not by decision: those may be made anew for each request. */
  #decisionText(decision: Decision): string {
    const { route, feature } = decision;
    const key = decision.kind === 'forward' ? decisionKey(decision.side, decision.reason) : LOCAL;
    let known = this.#decided.get(route);
    if (known === undefined) {
      known = [];
      this.#decided.set(route, known);
    }
    for (const one of known) if (one.key === key && one.feature === feature) return one.text;
    const text = decisionText(decision);
    known.push({ key, feature, text });
    return text;
  }
}

interface DecisionText {
  readonly key: number;
  readonly feature: Decision['feature'];
  readonly text: string;
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

/** `000Z` … `999Z` */
const MILLISECONDS: readonly string[] = Array.from(
  { length: 1000 },
  (_, i) => `${String(i).padStart(3, '0')}Z`,
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

/** A text of the client's. */
function clientText(text: string, longest: number): string {
  if (text.length <= longest && PLAIN.test(text)) return `"${text}"`;
  return JSON.stringify(loggableText(text, longest));
}

/** What a text is turned into, made anew only when the text is another one than the time before. */
class SameText {
  #text = '';
  #made: string;
  readonly #make: (text: string) => string;

  constructor(make: (text: string) => string) {
    this.#make = make;
    this.#made = make('');
  }

  of(text: string): string {
    if (text !== this.#text) {
      this.#text = text;
      this.#made = this.#make(text);
    }
    return this.#made;
  }
}
