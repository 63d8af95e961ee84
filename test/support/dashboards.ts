import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The parts of a Grafana dashboard that the tests look at. */
export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}

export interface Dashboard {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly allValue: string;
      readonly definition: string;
    }[];
  };
}

export const GRAFANA = resolve(import.meta.dirname, '../../deploy/grafana');

export function readDashboards(): Dashboard[] {
  const folder = join(GRAFANA, 'dashboards');
  return readdirSync(folder).map((file) => ({
    ...JSON.parse(readFileSync(join(folder, file), 'utf8')),
    file,
  }));
}

/** Every query of a dashboard with the panel's title, its variables filled in as Grafana does for "All". */
export function queriesOf(dashboard: Dashboard): { panel: string; query: string }[] {
  return dashboard.panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }) => ({ panel: panel.title, query: filledIn(expr, dashboard) })),
  );
}

function filledIn(expr: string, { templating }: Dashboard): string {
  const variables = templating.list.reduce(
    (text, { name, allValue }) => text.replaceAll(`$${name}`, allValue),
    expr,
  );
  return variables.replaceAll('$__rate_interval', '1m');
}
