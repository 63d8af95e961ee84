/** docs/metrics.md against what a scrape shows, both ways. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { Feature } from '../../src/model/route-table.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { pageAt } from '../support/markdown.ts';
import { tableOf } from '../support/table.ts';
import type { Family } from './parse-exposition.ts';
import { decisionOf, outcomeOf } from './samples.ts';
import { scrape } from './scrape.ts';

const { text } = pageAt('docs/metrics.md');
const rows = [...text.matchAll(/^\| `(banyan_\w+)` \| (\w+) \| ([^|]+) \|/gm)].map(
  ([, name = '', type = '', labels = '']) => ({
    name,
    type,
    labels: labels === '–' ? [] : labels.split(', ').sort(),
  }),
);

/** A scrape in which every metric has a sample. */
async function fullScrape(): Promise<Map<string, Family>> {
  const endpoint = {
    address: '10.0.0.5',
    port: 1,
    secure: false,
    hostname: 'orders',
    inFlight: 0,
    why: null,
    since: 0,
    consecutiveFailures: 0,
    nextProbeAt: null,
  };
  const metrics = createMetrics({
    version: '1.2.3',
    certificates: () => ({ isCurrent: true, certificates: [{ certFile: 'a.pem', notAfterMs: 1000 }] }),
    backends: () => [
      {
        backend: 'orders',
        protocols: ['h2' as const],
        names: [],
        endpoints: [{ ...endpoint, state: 'available' as const }],
      },
    ],
  });
  const fallback = { when: ['connect'], maxBody: 1, maxInFlight: 0 } as const;
  const table = tableOf([{ name: 'orders', to: 'orders', policy: { either: true } }], {
    features: { orders: { fallback, shadow: DEFAULT_SHADOW } },
  });
  metrics.tableChanged(table);
  const decision = decisionOf(table, 'orders', 'legacy');
  if (decision.kind !== 'forward') throw new Error('orders is forwarded');
  const { route, backend } = decision;
  metrics.started(decision);
  metrics.attempted({ route, backend, purpose: 'serve', result: 200, headMs: 5 });
  metrics.finished(outcomeOf(decision));
  const feature = table.features['orders'] as Feature;
  metrics.shadowed({ feature, route, outcome: 'answered', skipped: null, durationRatio: 1 });
  return scrape(metrics);
}

function labelsOf(family: Family): readonly string[] {
  return [...new Set(family.samples.flatMap(({ labels }) => Object.keys(labels)))]
    .filter((label) => label !== 'le')
    .sort();
}

describe('docs/metrics.md', () => {
  it('has every metric of the router, with its type and labels, and no other', async () => {
    const families = [...(await fullScrape()).values()].filter(({ name }) => name.startsWith('banyan_'));
    const shown = families.map((family) => ({
      name: family.name,
      type: family.type,
      labels: labelsOf(family),
    }));
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(rows.toSorted(byName)).toEqual(shown.toSorted(byName));
  });

  it('has every metric of the process, and no other', async () => {
    const shown = [...(await fullScrape()).keys()].filter((name) => /^(?:process|nodejs)_/.test(name));
    const listed = [...text.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(shown.toSorted());
  });

  it('asks in its queries only for what there is', () => {
    const queries = [...text.matchAll(/^```promql\n([\s\S]*?)^```$/gm)].map(([, query = '']) => query);
    expect(queries.length).toBeGreaterThanOrEqual(7);
    const known = new Map(rows.map(({ name, labels }) => [name, labels]));
    for (const query of queries) {
      for (const [, name = '', selector = ''] of query.matchAll(
        /(banyan_\w+?)(?:_bucket)?(?![\w])(\{[^}]*\})?/g,
      )) {
        expect(known.has(name), name).toBe(true);
        const asked = [...(selector ?? '').matchAll(/(\w+)(?:=~|!~|!=|=)/g)].map(([, label]) => label);
        expect(known.get(name)).toEqual(expect.arrayContaining(asked));
      }
    }
  });
});
