import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { GRAFANA, type Panel, queriesOf, readDashboards } from '../support/dashboards.ts';

const provisioned = (file: string): Record<string, never> =>
  parse(readFileSync(join(GRAFANA, 'provisioning', file), 'utf8'));

test('every panel asks the datasource that is provisioned', () => {
  const { datasources } = provisioned('datasources/prometheus.yaml') as unknown as {
    datasources: { uid: string }[];
  };
  expect(datasources).toHaveLength(1);
  const asked = readDashboards().flatMap(({ panels }) =>
    panels.flatMap(({ targets = [], datasource }) => [
      ...targets.map((target) => target.datasource.uid),
      ...(datasource ? [datasource.uid] : []),
    ]),
  );
  expect(new Set(asked)).toEqual(new Set([datasources[0]!.uid]));
});

test('dashboards are found where Compose mounts them', () => {
  const { providers } = provisioned('dashboards/banyan.yaml') as unknown as {
    providers: { options: { path: string } }[];
  };
  const compose = readFileSync(join(GRAFANA, '../../docker-compose.yml'), 'utf8');
  expect(compose).toContain(`./deploy/grafana/dashboards:${providers[0]!.options.path}:ro`);
  const home = /HOME_DASHBOARD_PATH: (\S+)/.exec(compose)![1]!;
  expect(readDashboards().map(({ file }) => `${providers[0]!.options.path}/${file}`)).toContain(home);
});

test('uids and panel ids are unique, and no panel lies on another', () => {
  const dashboards = readDashboards();
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  for (const { title, panels } of dashboards) {
    expect([title, new Set(panels.map(({ id }) => id)).size]).toEqual([title, panels.length]);
    const overlapping = panels.flatMap((panel, index) =>
      panels
        .slice(index + 1)
        .filter((other) => overlap(panel, other))
        .map((other) => `${panel.title} / ${other.title}`),
    );
    expect([title, overlapping]).toEqual([title, []]);
  }
});

function overlap({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

test('every variable is used, and none is left in a query', () => {
  for (const dashboard of readDashboards()) {
    const raw = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');
    for (const { name } of dashboard.templating.list) expect(raw).toContain(`$${name}`);
    for (const { query } of queriesOf(dashboard)) expect(query).not.toContain('$');
  }
});
