import { isIP } from 'node:net';
import { formatIssue, summarizeIssues } from '../config/format-issue.ts';
import { loadRoutes } from '../config/load-routes.ts';
import { wrongCase } from '../config/rules/methods.ts';
import { type Explanation, explain, explainable, type NamedHeaders, type Question } from '../explain.ts';
import type { ConfigIssue } from '../model/config-issue.ts';
import { EXIT } from './cli-io.ts';
import type { VerbResult } from './validate.ts';

/** What `banyan explain METHOD URL` takes. */
export interface ExplainOptions {
  readonly method: string;
  readonly url: string;
  /** `-H 'name: value'`, as given. */
  readonly headers: readonly string[];
  /** `--cookie 'name=value'`, as given. */
  readonly cookies: readonly string[];
  /** `--client ADDRESS`; null: 127.0.0.1. */
  readonly client: string | null;
  readonly file: string;
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * `banyan explain`: each route considered, the first condition that failed, the winner, and the request that would be
 * sent. Exits 0, 1 when the request would be refused, 2 for a question that can't be read, 78 for a bad file.
 */
export async function explainCommand(options: ExplainOptions): Promise<VerbResult> {
  const question = questionOf(options);
  if (typeof question === 'string') return { exitCode: EXIT.usage, output: `banyan explain: ${question}\n` };
  const { table, issues } = await loadRoutes(options.file, options.env);
  if (table === null) return { exitCode: EXIT.badConfig, output: badFile(options.file, issues) };
  const explanation = explain(explainable(table), question);
  const output = options.json ? `${JSON.stringify(explanation, null, 2)}\n` : inWords(question, explanation);
  return { exitCode: explanation.refused === null ? EXIT.ok : EXIT.failed, output };
}

/** A path, an absolute URL, or the `*` of OPTIONS. */
const TARGET = /^(?:\/|\*$|https?:\/\/)/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function questionOf({ method, url, headers, cookies, client }: ExplainOptions): Question | string {
  if (!TOKEN.test(method)) return `"${method}" is not a method: banyan explain GET /path`;
  if (method !== 'CONNECT' && !TARGET.test(url))
    return `${JSON.stringify(url)} is neither a path ("/${url}") nor a url: banyan explain GET /path`;
  const fields: [string, string][] = [];
  for (const header of headers) {
    const colon = header.indexOf(':');
    const name = header.slice(0, Math.max(colon, 0));
    const value = header.slice(colon + 1).trim();
    if (!TOKEN.test(name) || hasControl(value)) return `-H ${JSON.stringify(header)}: write -H 'name: value'`;
    fields.push([name, value]);
  }
  const wrong = cookies.find((cookie) => !cookie.includes('=') || hasControl(cookie));
  if (wrong !== undefined) return `--cookie ${JSON.stringify(wrong)}: write --cookie 'name=value'`;
  if (client !== null && isIP(client) === 0) return `--client ${client}: not an address, such as 203.0.113.9`;
  if (cookies.length > 0) fields.push(['Cookie', cookies.join('; ')]);
  return { method, url, headers: fields, ...(client === null ? {} : { client }) };
}

function hasControl(value: string): boolean {
  return /[\x00-\x08\x0a-\x1f\x7f]/.test(value);
}

function badFile(file: string, issues: readonly ConfigIssue[]): string {
  const blocks = issues
    .filter(({ severity }) => severity === 'error')
    .map((issue) => `${formatIssue(issue)}\n\n`);
  return `${blocks.join('')}${file}: ${summarizeIssues(issues)}\n`;
}

/** For people: what was asked, what each route said, who answers and why, what is sent. */
function inWords(question: Question, explanation: Explanation): string {
  const doubt = wrongCase(question.method);
  const asked = `${question.method} ${question.url}${doubt === null ? '' : `\n${doubt}`}`;
  const parts = [asked, considered(explanation)];
  parts.push(verdict(explanation) + otherSide(question.method, explanation) + copied(explanation));
  if (explanation.request !== null) {
    const change = changeOfPath(question.url, explanation.request.path);
    parts.push(`${requestLines(explanation.request)}${change}`);
  }
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function considered({ considered: asked, left_out: leftOut, refused }: Explanation): string {
  if (asked.length === 0) return '';
  const width = Math.max(...asked.map(({ route }) => route.length));
  const taken = refused === null ? 'takes it' : 'would take it';
  const lines = asked.map(({ route, failed }) =>
    failed === null ? `  > ${route.padEnd(width)}  ${taken}` : `    ${route.padEnd(width)}  ${failed}`,
  );
  const rest = leftOut === 0 ? [] : [`    and ${leftOut} more, of another host or path`];
  return ['Routes considered, the most specific first, each with what it failed by:', ...lines, ...rest].join(
    '\n',
  );
}

function verdict(explanation: Explanation): string {
  const { route, side, backend, answer, refused } = explanation;
  if (refused !== null) return `Refused with ${refused.status} ${refused.failure}:\n  ${refused.detail}`;
  if (answer !== null) {
    const rest = answer.location ?? answer.body;
    return `Route ${route} is answered by the router itself: ${answer.status}${rest === '' ? '' : ` ${rest}`}`;
  }
  const who = side === 'feature' ? `The feature ${backend}` : 'Legacy';
  const likely = explanation.canary?.draws ? ' most likely' : '';
  return `${who} answers${likely}, by route ${route}: ${why(explanation)} (reason ${explanation.reason})`;
}

/** Who is asked if it cannot answer, or says 404. */
function otherSide(method: string, { backend, fallback, either }: Explanation): string {
  const lines = either === null ? [] : [`If ${backend} says 404: ${either} is asked`];
  if (fallback !== null) {
    const isAll = fallback.when.some((word) => word !== 'connect' && word !== '501');
    const words = fallback.when.length === 0 ? 'nothing' : fallback.when.join(', ');
    const bound = isAll ? '' : ` (${method} is not repeatable)`;
    lines.push(`If ${backend} cannot answer: legacy, for ${words}${bound}`);
  }
  return lines.map((line) => `\n${line}`).join('');
}

/** Who gets a copy. */
function copied({ copy, request }: Explanation): string {
  if (copy === null) return '';
  if (copy.skipped !== null) return `\nNo copy of it goes to ${copy.backend}: ${copy.skipped}`;
  const share = copy.percent === 100 ? '' : ` (of ${copy.percent} % of such requests)`;
  const path = copy.path === request?.path ? '' : `, as ${copy.path}`;
  return `\nA copy goes to ${copy.backend}${path}${share}; its answer is compared, not served`;
}

function why({ reason, stage, canary }: Explanation): string {
  if (canary !== null) return whyCanary(canary, reason === 'no_key');
  switch (reason) {
    case 'default':
      return 'no other route takes the request';
    case 'pinned':
      return 'the route goes to legacy';
    case 'legacy_only':
      return `legacy_only is on, over stage ${stage}`;
    case 'tester':
      return `the request is a tester's, in stage ${stage}`;
    case 'rollback':
      return `auto_rollback took the feature back, in stage ${stage}`;
    default:
      return `its feature is in stage ${stage}`;
  }
}

function whyCanary(
  { share, key, place, bucket, draws }: NonNullable<Explanation['canary']>,
  lacksKey: boolean,
): string {
  if (share === 0 || share === 100) return `the canary's share is ${share} %`;
  if (draws) return `no key tells this client yet, a place is drawn for it; ${share} of 100 get the feature`;
  if (lacksKey) return `nothing tells this client apart, and the canary's share is ${share} %`;
  if (bucket === null) return `a CORS preflight goes to legacy in a canary below 100 %`;
  const from = place === null ? key : `place ${place} in the router's cookie`;
  return `bucket ${bucket} of 10000, ${bucket < share * 100 ? '' : 'not '}below ${share} % (by ${from})`;
}

/** Rewrites, base paths and the normal form change a path; whoever asks may not expect it. */
function changeOfPath(url: string, sent: string): string {
  const own = url.replace(/^https?:\/\/[^/?#]*/i, '');
  return own === sent || own === '' ? '' : `\n\nThe path was changed on the way: it came as ${own}`;
}

function requestLines({ method, path, headers, http }: NonNullable<Explanation['request']>): string {
  const lines = flat(headers).map(([name, value]) => `  ${name}: ${value}`);
  return ['The request that would be sent:', `  ${method} ${path} HTTP/${http}`, ...lines].join('\n');
}

function flat(headers: NamedHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
}
