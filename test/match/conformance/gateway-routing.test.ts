import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseRoutes } from '../../../src/config/parse-routes.ts';
import { type Explainable, explain, explainable } from '../../../src/explain.ts';
import type { GatewayCase, GatewaySuite } from './gateway-suite.ts';
import { toRoutesYaml } from './to-routes-yaml.ts';

/** The Gateway API's own routing cases, asked of a routes.yaml that says the same. */
const SUITES = JSON.parse(
  readFileSync(new URL('gateway-routing-cases.json', import.meta.url), 'utf8'),
) as readonly GatewaySuite[];

type Part = 'backend' | 'upstream_path' | 'mirrored_to';

/** What cannot hold here, and why. A test below sees to it that each is still needed. */
const CANNOT_HOLD: readonly { suite: string; path: string; method?: string; part: Part; reason: string }[] = [
  {
    suite: 'httproute-method-matching',
    path: '/',
    method: 'HEAD',
    part: 'backend',
    reason: 'GET takes HEAD along (docs/matching.md), so a GET route answers where the Gateway has no route',
  },
  ...['/full/one/two', '/full/rewrite-path-and-modify-headers/test'].map((path) => ({
    suite: 'httproute-rewrite-path',
    path,
    part: 'upstream_path' as const,
    reason: 'there is no ReplaceFullPath: rewrites strip or replace a prefix',
  })),
  ...['/mirror', '/mirror-and-modify-headers'].map((path) => ({
    suite: 'httproute-request-mirror',
    path,
    part: 'mirrored_to' as const,
    reason: 'copies belong to the stage of a feature (shadow), not to a route, and are made after matching',
  })),
];

function cannotHold(suite: string, { request }: GatewayCase, part: Part): boolean {
  return CANNOT_HOLD.some(
    (known) =>
      known.suite === suite &&
      known.path === request.path &&
      known.part === part &&
      (known.method === undefined || known.method === request.method),
  );
}

function tableOfSuite(suite: GatewaySuite): Explainable {
  const { table, issues } = parseRoutes(toRoutesYaml(suite), {
    file: 'routes.yaml',
    env: {},
    legacyOnlyFile: null,
  });
  const errors = issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  expect(errors).toEqual([]);
  if (table === null) throw new Error('no table');
  return explainable(table);
}

/** What happens here, in the words of the cases. */
function answerOf(inForce: Explainable, { request, expect: expected }: GatewayCase) {
  const host: [string, string][] = request.host === null ? [] : [['Host', request.host]];
  const headers = [...host, ...Object.entries(request.headers)];
  const explanation = explain(inForce, { method: request.method, url: request.path, headers });
  const sent = new Map(
    Object.entries(explanation.request?.headers ?? {}).map(([name, value]) => [
      name.toLowerCase(),
      [value].flat(),
    ]),
  );
  return {
    backend: explanation.backend === 'legacy' ? undefined : explanation.backend,
    upstream_path: explanation.request?.path,
    upstream_headers: Object.fromEntries(
      Object.keys(expected.upstream_headers ?? {}).map((name) => [
        name,
        sent.get(name.toLowerCase())?.join(','),
      ]),
    ),
    present: (expected.absent_headers ?? []).filter((name) => sent.has(name.toLowerCase())),
  };
}

/** One suite has routes and no request of its own: reading its routes is all there is to it. */
const ASKED = SUITES.filter(({ cases }) => cases.length > 0);

describe.each(ASKED.map((suite) => [suite.suite, suite] as const))('%s', (name, suite) => {
  const inForce = tableOfSuite(suite);
  const cases = suite.cases.map((one) => [titleOf(one), one] as const);

  test.each(cases)('%s', (_, one) => {
    const answer = answerOf(inForce, one);
    const { backend, upstream_path: path, upstream_headers: headers = {} } = one.expect;
    if (!cannotHold(name, one, 'backend')) expect(answer.backend).toBe(backend);
    if (path !== undefined && !cannotHold(name, one, 'upstream_path'))
      expect(answer.upstream_path).toBe(path);
    expect(answer.upstream_headers).toEqual(headers);
    expect(answer.present).toEqual([]);
    if (one.expect.mirrored_to !== undefined) expect(cannotHold(name, one, 'mirrored_to')).toBe(true);
  });
});

test('what is listed as impossible is there, and would fail', () => {
  for (const { suite, path, method = 'GET', part, reason } of CANNOT_HOLD) {
    const found = SUITES.find((one) => one.suite === suite);
    const one = found?.cases.find(({ request }) => request.path === path && request.method === method);
    if (found === undefined || one === undefined) throw new Error(`no such case: ${suite} ${path}`);
    const answer: Readonly<Record<string, unknown>> = answerOf(tableOfSuite(found), one);
    expect(answer[part], reason).not.toEqual(one.expect[part]);
  }
});

test('all suites and cases are there, and every suite can be written as a routes.yaml', () => {
  expect(SUITES).toHaveLength(10);
  expect(SUITES.flatMap(({ cases }) => cases)).toHaveLength(79);
  for (const suite of SUITES) expect(tableOfSuite(suite).table.routes.length).toBeGreaterThan(0);
});

function titleOf({ request, expect: expected }: GatewayCase): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const who = expected.backend ?? `${expected.status} (here: legacy, by the default route)`;
  return [request.method, `${request.host ?? ''}${request.path}`, ...headers, '→', who].join(' ');
}
