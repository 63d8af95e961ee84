import { NEVER_ROLLED_BACK, planAll } from './decide/plan-routes.ts';
import { planOf, type RoutePlans } from './decide/route-plan.ts';
import { type CanaryPart, explainChoice } from './explain-canary.ts';
import { explainOtherSide, type FallbackPart } from './explain-other-side.ts';
import { type CopyPart, explainShadow } from './explain-shadow.ts';
import { requestFields } from './forward/http2/request-fields.ts';
import { redirectLocation } from './forward/local-answer.ts';
import { type BackendRequestHead, requestHeadFor } from './forward/request-head.ts';
import { type Admitted, admit } from './front/admit.ts';
import { buildMatcher } from './match/build-matcher.ts';
import type { Decision, Reason } from './model/decision.ts';
import { type Failure, statusOf } from './model/failure.ts';
import { firstValue, type HeaderList } from './model/header-list.ts';
import { isRefused, type Matched, type Matcher } from './model/matched.ts';
import type { Peer } from './model/request.ts';
import type { Backend, RouteTable, Side, Stage } from './model/route-table.ts';
import { TrustedProxies } from './model/trusted-proxies.ts';
import { requestIdFor } from './observe/request-id.ts';

/**
 * What `serve` would do with a request, and why, without doing it: the CLI and the admin listener ask here. It calls
 * the same functions in the same order as `app.ts` (admit, match, decide, build the head), so it can't tell a
 * different story.
 */

/** A table with what is made from it once. */
export interface Explainable {
  readonly table: RouteTable;
  readonly matcher: Matcher;
  readonly plans: RoutePlans;
  readonly trust: TrustedProxies;
}

/** A request as a person describes it. */
export interface Question {
  readonly method: string;
  /** A path with its query, `*`, or an absolute http(s) URL, whose authority is Host unless a header says otherwise. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The client's address; 127.0.0.1 if not given. */
  readonly client?: string;
}

/** Names and values as they would be sent; a repeated field is a list. */
export type NamedHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The answer, in the shape that docs/admin.md shows; what does not apply is null. */
export interface Explanation {
  readonly route: string | null;
  readonly side: Side | null;
  /** `none` when no backend is asked. */
  readonly backend: string | null;
  readonly reason: Reason | null;
  /** Of the route's feature, also when legacy answers for it. */
  readonly stage: Stage | null;
  /** How a canary came to its side; null where none had a say. */
  readonly canary: CanaryPart | null;
  /** Every alternative asked, in precedence order; `failed` is null for the winner. */
  readonly considered: readonly { readonly route: string; readonly failed: string | null }[];
  /** How many more failed by host or path, where the table is too large to list. */
  readonly left_out: number;
  /** The request that would be sent; null if none is. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    /** Over HTTP/2 with `:scheme` and `:authority`, and names in lower case. */
    readonly headers: NamedHeaders;
    readonly http: '1.1' | '2';
  } | null;
  /** What legacy would answer for, if the feature could not; null: its failure is what the client gets. */
  readonly fallback: FallbackPart | null;
  /** Who is asked if the backend says 404; null: nobody. */
  readonly either: string | null;
  /** The copy that the other side would get, in its shadow; null: none is made. */
  readonly copy: CopyPart | null;
  /** Redirect and respond: what the client would get. */
  readonly answer: LocalAnswer | null;
  /** The request would be refused: its failure, the status for it, and why. */
  readonly refused: { readonly failure: Failure; readonly status: number; readonly detail: string } | null;
}

/** What a redirect or respond would say. */
export interface LocalAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly type: string | null;
  readonly body: string;
}

/** Stands for the id that each request gets anew. */
const NEW_REQUEST_ID = '(a new id)';
const LIMITS = { maxHeaders: 200, maxUrlBytes: 16 * 1024 };

/** Makes of a table what {@link explain} needs, for a caller that does not serve it. */
export function explainable(table: RouteTable): Explainable {
  const trust = new TrustedProxies(table.trustProxies);
  return { table, matcher: buildMatcher(table), plans: planAll(table, NEVER_ROLLED_BACK), trust };
}

/** Explains one request. Never throws on what a question can hold. */
export function explain(inForce: Explainable, question: Question): Explanation {
  const { secure, target, headers } = readQuestion(question);
  const admission = admit({ method: question.method, target, major: 1, minor: 1, headers }, LIMITS);
  if ('failure' in admission) {
    return refusedAs(admission.failure, 'it is refused before its path is looked at (docs/failures.md)');
  }
  const peer = { address: question.client ?? '127.0.0.1', port: 0, secure };
  const matched = inForce.matcher.match(admission.traits);
  const asked = consideredOf(inForce, admission);
  if (isRefused(matched)) return { ...refusedAs(matched.failure, matched.detail), ...asked };
  const client = { traits: admission.traits, peer };
  const { choice, canary } = explainChoice(planOf(inForce.plans, matched.route), client, inForce.trust);
  const { decision } = choice;
  return {
    ...NOTHING,
    ...asked,
    route: matched.route.name,
    canary,
    ...deedOf(inForce, { matched, decision, admission, peer }),
  };
}

const NOTHING: Explanation = {
  route: null,
  side: null,
  backend: null,
  reason: null,
  stage: null,
  canary: null,
  considered: [],
  left_out: 0,
  request: null,
  fallback: null,
  either: null,
  copy: null,
  answer: null,
  refused: null,
};

function refusedAs(failure: Failure, detail: string): Explanation {
  return { ...NOTHING, refused: { failure, status: statusOf(failure), detail } };
}

interface ReadQuestion {
  readonly secure: boolean;
  readonly target: string;
  readonly headers: HeaderList;
}

/** An absolute URL as a user agent sends it: the authority in Host, the rest as it stands. No URL object is built. */
function readQuestion({ url, headers }: Question): ReadQuestion {
  const flat = headers.flatMap(([name, value]) => [name, latin1(value)]);
  const absolute = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(latin1(url));
  const [, scheme = 'http', authority = 'localhost', rest = ''] = absolute ?? [];
  const hasHost = firstValue(flat, 'host') !== undefined;
  return {
    secure: scheme.toLowerCase() === 'https',
    target: targetOf(url, absolute === null ? null : rest),
    headers: hasHost ? flat : ['Host', authority, ...flat],
  };
}

/** `http://x?y` is asked for as `/?y`; what is no absolute URL is a target as it stands, right or wrong. */
function targetOf(url: string, rest: string | null): string {
  if (rest === null) return latin1(url);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** Bytes of the text, one character each: what arrives on a socket. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function consideredOf(
  { matcher, table }: Explainable,
  { traits }: Admitted,
): Pick<Explanation, 'considered' | 'left_out'> {
  const { considered, leftOut } = matcher.consider(traits);
  const asked = considered.map(({ route, failed }) => ({ route: route.name, failed }));
  const isTaken = considered.at(-1)?.failed === null;
  const last = isTaken ? [] : [{ route: table.defaultRoute.name, failed: null }];
  return { considered: [...asked, ...last], left_out: leftOut };
}

interface Deed {
  readonly matched: Matched;
  readonly decision: Decision;
  readonly admission: Admitted;
  readonly peer: Peer;
}

function deedOf({ trust }: Explainable, { matched, decision, admission, peer }: Deed): Partial<Explanation> {
  const { head, traits, bodyLength } = admission;
  if (decision.kind === 'local') return { backend: 'none', answer: localAnswer(matched, traits.query) };
  const { side, reason, backend } = decision;
  const stage = decision.feature?.stage ?? null;
  const received = firstValue(head.headers, 'x-request-id');
  const requestId = requestIdFor(received, trust.contains(peer.address), () => NEW_REQUEST_ID);
  const { host: hostname = '', ...url } = backend.urls[0] ?? {};
  const body = { length: bodyLength };
  const exchange = { head, traits, peer, upgrade: null, expectsContinue: false, body };
  const sent = requestHeadFor(
    { exchange, decision, matched, trust, requestId },
    { hostname, port: 80, secure: false, basePath: '', ...url },
  );
  return {
    side,
    reason,
    stage,
    backend: backend.name,
    request: requestOf(sent, { backend, client: head.headers }),
    ...explainOtherSide(decision, head.method),
    copy: explainShadow(decision, exchange, { matched }),
  };
}

function requestOf(
  sent: BackendRequestHead,
  { backend, client }: { readonly backend: Backend; readonly client: HeaderList },
): Explanation['request'] {
  const { method, path } = sent;
  if (!backend.http2) return { method, path, headers: namedHeaders(sent.headers), http: '1.1' };
  const fields = requestFields(sent, { secure: backend.urls[0]?.secure ?? false, client });
  const { ':method': _method, ':path': _path, ...headers } = namedHeaders(fields);
  return { method, path, headers, http: '2' };
}

function localAnswer({ route, normalPath }: Matched, query: string | null): LocalAnswer | null {
  const { action } = route;
  if (action.kind === 'to') return null;
  if (action.kind === 'respond')
    return { status: action.status, location: null, type: action.type, body: action.body };
  const location = redirectLocation(action.to, normalPath, query);
  return { status: action.status, location, type: null, body: '' };
}

function namedHeaders(list: HeaderList): NamedHeaders {
  const named = new Map<string, string | string[]>();
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i] as string;
    const value = list[i + 1] as string;
    const known = named.get(name);
    named.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(named);
}
