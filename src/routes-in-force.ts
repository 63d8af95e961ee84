import type { LastReload } from './admin/admin-deps.ts';
import { formatIssue } from './config/format-issue.ts';
import type { Surroundings } from './decide/client.ts';
import { shareOf } from './decide/feature-share.ts';
import { isLegacyOnly, planAllInSlices } from './decide/plan-routes.ts';
import type { RoutePlans } from './decide/route-plan.ts';
import { buildMatcherInSlices } from './match/build-matcher.ts';
import type { ForwardDecision } from './model/decision.ts';
import type { ReloadReport } from './model/loaded.ts';
import type { Matcher } from './model/matched.ts';
import type { FeatureSwitches } from './model/ports.ts';
import type { Feature, RouteTable } from './model/route-table.ts';
import { TrustedProxies } from './model/trusted-proxies.ts';

/** A table with all that is made from it once: what an exchange reads at its start, and nothing after it. */
export interface InForce extends Surroundings {
  readonly table: RouteTable;
  readonly matcher: Matcher;
  readonly plans: RoutePlans;
}

/** Who is told of tables and reloads. */
export interface ReloadListeners {
  /** Just before a table is used: it is, as soon as this resolves. */
  readonly comesIntoForce: (inForce: InForce) => Promise<void>;
  readonly reloaded: (report: ReloadReport) => void;
  readonly log: {
    info(fields: object, message: string): void;
    warn(message: string): void;
    error(fields: object, message: string): void;
  };
}

/** Holds the table in force. A reload replaces it whole, or not at all. */
export class RoutesInForce {
  current: InForce | null = null;
  lastReload: LastReload | null = null;
  private applying: Promise<void> = Promise.resolve();
  private readonly listeners: ReloadListeners;

  private readonly switches: FeatureSwitches;

  constructor(listeners: ReloadListeners, switches: FeatureSwitches) {
    this.listeners = listeners;
    this.switches = switches;
  }

  /**
   * Takes what a reload gave. Tables come into force in the order in which they were read, though each takes a few
   * turns of the event loop to make ready. Resolves when this one is in force.
   */
  apply(report: ReloadReport, table: RouteTable | null): Promise<void> {
    this.applying = this.applying
      .then(() => this.applyNow(report, table))
      .catch((error: unknown) =>
        this.listeners.log.error({ err: error }, 'a route table could not be put in force'),
      );
    return this.applying;
  }

  /** Part of its clients that a feature of the table in force is to answer now, 0 … 1. */
  shareOf(feature: Feature): number {
    return this.current === null ? 0 : shareOf(feature, this.current.table, this.switches);
  }

  private async applyNow(report: ReloadReport, table: RouteTable | null): Promise<void> {
    if (table !== null) {
      const next = await makeReady(table, this.switches);
      await this.listeners.comesIntoForce(next);
      this.current = next;
    }
    this.lastReload = { report, text: report.issues.map((issue) => formatIssue(issue)).join('\n') };
    this.listeners.reloaded(report);
    this.tell(report);
  }

  private tell(report: ReloadReport): void {
    const { log } = this.listeners;
    const fields = { revision: report.revision, from_state: report.fromState };
    if (report.result === 'rejected')
      log.error(fields, 'routes rejected: the last good table goes on serving');
    else log.info(fields, `routes ${report.result}`);
    for (const issue of report.issues) {
      if (issue.severity === 'error') log.error({}, formatIssue(issue));
      else log.warn(formatIssue(issue));
    }
  }
}

async function makeReady(table: RouteTable, switches: FeatureSwitches): Promise<InForce> {
  return {
    table,
    matcher: await buildMatcherInSlices(table),
    plans: await planAllInSlices(table, switches),
    trust: new TrustedProxies(table.trustProxies),
    random: Math.random,
  };
}

/** Whether what a feature was given under an older table is legacy's by this one, through `legacy_only`. */
export function isTakenBack(decision: ForwardDecision, { table }: InForce): boolean {
  if (decision.side !== 'feature' || decision.feature === null) return false;
  const feature = Object.hasOwn(table.features, decision.feature.name)
    ? table.features[decision.feature.name]
    : undefined;
  if (feature === undefined || feature.stage === 'done') return false;
  const route = table.routes.find(({ name }) => name === decision.route.name) ?? decision.route;
  return isLegacyOnly(table, route, feature);
}
