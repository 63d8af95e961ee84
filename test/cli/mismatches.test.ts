import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { shadowSummary, shadowView } from '../../src/admin/shadow-view.ts';
import { mismatches } from '../../src/cli/mismatches.ts';
import { ShadowBook } from '../../src/compare/shadow-book.ts';
import type { ShadowStatus } from '../../src/model/shadow-report.ts';
import { comparedAs, differs, type PairSketch, reportOf, searchTable } from '../compare/reports.ts';

/** `banyan mismatches` against routers that compare, are of another version, or are not there. */

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function shown(
  pages: Readonly<Record<string, unknown>>,
  { feature = 'search', json = false, limit = 20 } = {},
): Promise<{ output: string; exitCode: number }> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(page ?? {}));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return mismatches({ feature, admin: { host: '127.0.0.1', port }, json, limit });
}

function statusOf(
  table = searchTable('d1', { noise: 0.01 }),
  ...pairs: (PairSketch & { times?: number })[]
): ShadowStatus {
  const book = new ShadowBook({ time: () => 1_700_000_000_000, onCounted: () => {}, onSamples: () => {} });
  book.tableChanged(table);
  book.add(reportOf(table, pairs));
  return book.status()[0] as ShadowStatus;
}

const TIME = differs('$.generatedAt');
const ID = differs('$.searchId');
const ORIGIN = differs('$.items[*].origin', { kind: 'missing', legacy: '"Andes"', feature: null });
const PRICE = differs('$.items[*].price', { legacy: '10.73', feature: '10.72', apart: 0.01 });
const ORDER = differs('$.items', { kind: 'order', legacy: 'id: 1, 2', feature: 'id: 2, 1' });

it('sets out what differs, what is noise, and what may be done', async () => {
  const status = statusOf(
    undefined,
    { own: comparedAs(TIME, ID), noise: comparedAs(TIME, ID), times: 4 },
    { own: comparedAs(TIME, ID, ORIGIN), times: 96 },
    { own: comparedAs(TIME, ID, ORIGIN, PRICE, ORDER), times: 100 },
    { own: { result: 'error', reason: 'reset', differences: [] }, times: 2 },
  );
  const { output, exitCode } = await shown({ '/api/shadow/search': shadowView(status) });
  expect(exitCode).toBe(0);
  expect(
    output,
  ).toBe(`search: Not ready: 198 of 202 answers differed (98.01 %; 0.5 % may). Most often "origin" in the entries of "items" is missing (196 times). The feature gave no whole answer 2 times.
Compared since 2023-11-14 22:13:20 UTC. An edit of its block in routes.yaml begins anew.

Route search
  same 0, same but for noise 4, different 196, not built 0, no answer 2, skipped 0
    2× reset
  request by request, the feature takes 0.5 times as long as legacy (the median): half of its answers began within 10.4 ms, half of legacy's within 20.7 ms

  196× "origin" in the entries of "items" is missing
      $.items[*].origin
      legacy:  "Andes"
      feature: (nothing)

  100× "price" in the entries of "items" is another number, at most 0.01 apart
      $.items[*].price
      legacy:  10.73
      feature: 10.72
      if that is all right, under compare:  tolerance: { "$.items[*].price": 0.01 }

  100× the entries of "items" come in another order
      $.items
      legacy:  id: 1, 2
      feature: id: 2, 1
      if that is all right, under compare:  unordered: ["$.items"]

2 fields differ even between two answers of legacy. That is noise, and does not count:
  $.generatedAt
  $.searchId

To have it ignored for good, in routes.yaml:

features:
  search:
    shadow:
      compare:
        ignore:
          - "$.generatedAt"
          - "$.searchId"
`);
});

it('says how to find noise where legacy is not asked twice, and shows as many fields as asked for', async () => {
  const status = statusOf(searchTable(), { own: comparedAs(TIME, ID), times: 5 });
  const pages = { '/api/shadow/search': shadowView(status) };
  const { output } = await shown(pages, { limit: 1 });
  expect(output).toContain('"noise: 1%" under shadow finds it');
  expect(output).toContain('… and 1 more field (--limit 0 shows all)');
  expect((await shown(pages, { limit: 0 })).output).not.toContain('more fields');
});

it('says where to look when nothing is compared', async () => {
  const { output } = await shown({ '/api/shadow/search': shadowView(statusOf()) });
  expect(output).toContain('nothing was compared yet');
  expect(output).toContain('banyan_shadow_skipped_total');
  const { output: other } = await shown({
    '/api/shadow/search': shadowView(statusOf(undefined, { own: comparedAs() })),
  });
  expect(other).not.toContain('banyan_shadow_skipped_total');
});

it('passes the page on as JSON', async () => {
  const page = shadowView(statusOf(undefined, { own: comparedAs(ORIGIN) }));
  const { output } = await shown({ '/api/shadow/search': page }, { json: true });
  expect(JSON.parse(output)).toEqual(JSON.parse(JSON.stringify(page)));
});

it('shows what it can of a router of another version', async () => {
  const { output, exitCode } = await shown({
    '/api/shadow/search': {
      feature: 'search',
      routes: [{ route: 'r', fields: [{ field: '$.a' }, 7] }],
      more: 1,
    },
  });
  expect(exitCode).toBe(0);
  expect(output).toContain('search: ?');
});

it('says why there is nothing to show', async () => {
  const config = { revision: null, last_reload: null, legacy_only: null };
  const none = await shown({ '/api/config': config, '/api/shadow': { features: [] } });
  expect(none).toEqual({
    exitCode: 1,
    output: 'Nothing is compared: no feature has a "shadow" block, and none is in stage shadow.\n',
  });
  const asJson = await shown({ '/api/config': config, '/api/shadow': { features: [] } }, { json: true });
  expect(JSON.parse(asJson.output)).toEqual({ feature: 'search', problem: none.output.trim() });
  const features = [shadowSummary(statusOf())];
  const other = await shown({ '/api/config': config, '/api/shadow': { features } }, { feature: 'serach' });
  expect(other).toEqual({
    exitCode: 1,
    output: 'Nothing of "serach" is compared (did you mean "search"?). Compared: search.\n',
  });
  const known = await shown(
    {
      '/api/config': config,
      '/api/shadow': { features },
      '/api/routes': { routes: [] },
      '/api/backends': { backends: [{ name: 'legacy' }, { name: 'orders', feature: { stage: 'live' } }] },
    },
    { feature: 'orders' },
  );
  expect(known.output).toBe(
    'Nothing of "orders" is compared. Compared: search. What begins it: banyan set orders shadow\n',
  );
  const gone = await mismatches({
    feature: 'search',
    admin: { host: '127.0.0.1', port: 9 },
    json: false,
    limit: 20,
  });
  expect(gone.exitCode).toBe(1);
  expect(gone.output).toContain('No router answers at');
});
