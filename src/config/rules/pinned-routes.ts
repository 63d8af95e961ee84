import type { PathPattern } from '../../model/path-pattern.ts';
import { comparePrecedence } from '../../model/precedence.ts';
import type { NamedTest } from '../../model/route-table.ts';
import { Rivals } from './rivals.ts';
import { type Alternative, alternativesOf, mention, pathOfRoute, type TableRule } from './table-rule.ts';

/**
 * `pin: true` on a route to legacy is a promise: no request that it matches is won by a feature's route. Each pinned
 * alternative is held against the features' alternatives with an overlapping path. Where two conditions can't be shown
 * to exclude each other (regexes), they are taken to overlap.
 */
export const pinnedRoutes: TableRule = (context) => {
  const alternatives = alternativesOf(context);
  const pinned = alternatives.filter(({ route }) => route.action.kind === 'to' && route.action.pin);
  if (pinned.length === 0) return;
  const isOfFeature = ({ route }: Alternative): boolean =>
    route.action.kind === 'to' && route.action.feature !== null;
  const rivals = new Rivals(alternatives.filter(isOfFeature));
  for (const pin of pinned) {
    const winner = firstWinner(rivals, pin);
    if (winner === undefined) continue;
    context.issues.error(
      [...pathOfRoute(pin.route), 'pin'],
      `route "${pin.route.name}" is pinned to legacy, and ${mention(winner.route)} could win a request that it matches`,
      'key',
    );
  }
};

function firstWinner(rivals: Rivals, pin: Alternative): Alternative | undefined {
  for (const rival of rivals.near(pin.pattern)) if (couldWin(rival, pin)) return rival;
  return undefined;
}

function couldWin(rival: Alternative, pin: Alternative): boolean {
  if (!pathsOverlap(rival.pattern, pin.pattern)) return false;
  if (!methodsOverlap(rival.match.methods, pin.match.methods)) return false;
  if ((['headers', 'query', 'cookies'] as const).some((key) => exclude(rival.match[key], pin.match[key])))
    return false;
  return rival.hosts.some((rivalHost) =>
    pin.hosts.some(
      (pinHost) =>
        hostsOverlap(rivalHost, pinHost) &&
        comparePrecedence({ ...rival, host: rivalHost }, { ...pin, host: pinHost }) < 0,
    ),
  );
}

function hostsOverlap(a: string, b: string): boolean {
  if (a === '' || b === '' || a === b) return true;
  return isUnder(a, b) || isUnder(b, a);
}

/** `a.b.x` and `*.b.x` are under `*.x`. */
function isUnder(host: string, wildcard: string): boolean {
  return wildcard.startsWith('*.') && host.endsWith(wildcard.slice(1));
}

function methodsOverlap(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((method) => b.includes(method));
}

/** Both ask for one value, and not for the same. */
function exclude(a: readonly NamedTest[], b: readonly NamedTest[]): boolean {
  return a.some(({ name, test }) =>
    b.some((other) => {
      if (other.name !== name || test.kind !== 'exact' || other.test.kind !== 'exact') return false;
      return test.value !== other.test.value;
    }),
  );
}

function pathsOverlap(a: PathPattern, b: PathPattern): boolean {
  if (a.kind === 'regex' || b.kind === 'regex') return headsAgree(a, b);
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a];
  if (short.kind === 'path' && short.segments.length < long.segments.length) return false;
  return short.segments.every((segment, i) => segmentsAgree(segment, long.segments[i] ?? null));
}

function segmentsAgree(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a !== '' && b !== '';
  return a === b;
}

/** What is literal at the beginning of both goes together. */
function headsAgree(a: PathPattern, b: PathPattern): boolean {
  const [first, second] = [literalStart(a), literalStart(b)];
  return first.startsWith(second) || second.startsWith(first);
}

function literalStart({ kind, head, segments }: PathPattern): string {
  if (kind === 'regex') return head;
  const end = segments.indexOf(null);
  return segments
    .slice(0, end < 0 ? undefined : end)
    .map((segment) => `/${segment}`)
    .join('');
}
