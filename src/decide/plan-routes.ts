import type { Decision, ForwardDecision, Reason } from '../model/decision.ts';
import { atOnce, inSlices, type Slicing } from '../model/in-slices.ts';
import type { FeatureSwitches } from '../model/ports.ts';
import type { Canary, Feature, Route, RouteTable, Side, Stage } from '../model/route-table.ts';
import { bucketsOfPlaces, PLACES, seedOf } from './bucket.ts';
import type { ReadyKeys } from './found-key.ts';
import { planFallback } from './plan-fallback.ts';
import { planShadow } from './plan-shadow.ts';
import type { Choice, RoutePlan, RoutePlans } from './route-plan.ts';
import { readyTesters } from './testers.ts';

/**
 * Who answers a route, as far as it is known before any request. In this order (docs/routes.md):
 *
 *   redirect or respond · done · legacy_only · stage legacy · rolled back · testers · stage live · bucket < share
 *
 * All of it but rollback, testers and bucket follows from the table: it is decided once per route. What a request can
 * choose among is made ready too, frozen, so that `decide` has next to nothing to do.
 */

/** What a table is decided with. */
export type Deciding = Pick<RouteTable, 'legacy' | 'features' | 'routes' | 'defaultRoute' | 'legacyOnly'>;

/**
 * Decides every route of a table in the order of the file, the default last.
 * @throws when a route goes to a feature that the table does not have: the configuration's check lets none through.
 */
export function planAll(table: Deciding, switches: FeatureSwitches): RoutePlans {
  return atOnce(planSteps(table, switches));
}

/** The same, giving way to the event loop. */
export function planAllInSlices(
  table: Deciding,
  switches: FeatureSwitches,
  slicing?: Slicing,
): Promise<RoutePlans> {
  return inSlices(planSteps(table, switches), slicing);
}

function* planSteps(table: Deciding, switches: FeatureSwitches): Generator<void, RoutePlans> {
  const planner = new RoutePlanner(table, switches);
  const plans: RoutePlan[] = [];
  for (const route of table.routes) {
    plans.push(planner.plan(route));
    yield;
  }
  plans.push(planner.plan(table.defaultRoute));
  return plans;
}

/** True if `legacy_only` names this route of this feature, in whichever way. Whether it moves it is another matter. */
export function isLegacyOnly({ legacyOnly }: Deciding, route: Route, feature: Feature): boolean {
  const { everything, features, routes } = legacyOnly;
  return everything || features.includes(feature.name) || routes.includes(route.name);
}

/** What is the same for all routes of a feature is made once. */
class RoutePlanner {
  private readonly keys = new Map<Feature, ReadyKeys>();
  private readonly table: Deciding;
  private readonly switches: FeatureSwitches;

  constructor(table: Deciding, switches: FeatureSwitches) {
    this.table = table;
    this.switches = switches;
  }

  plan(route: Route): RoutePlan {
    const { action } = route;
    if (action.kind !== 'to') return forAll(choice(Object.freeze({ kind: 'local', route, feature: null })));
    if (action.feature !== null) return this.planOfFeature(route, featureOf(this.table, action.feature));
    const reason = route === this.table.defaultRoute ? 'default' : 'pinned';
    return forAll(choice(this.forward({ route, feature: null, side: 'legacy', reason })));
  }

  private planOfFeature(route: Route, feature: Feature): RoutePlan {
    const of = (side: Side, reason: Reason): Choice => choice(this.forward({ route, feature, side, reason }));
    const { stage } = feature;
    if (stage === 'done') return forAll(of('feature', 'stage'));
    if (isLegacyOnly(this.table, route, feature)) return forAll(of('legacy', 'legacy_only'));
    if (stage === 'legacy') return forAll(of('legacy', 'stage'));
    const rollback = { ...of('legacy', 'rollback'), lever: this.switches.of(feature.name) };
    if (stage === 'live') return { ...forAll(of('feature', 'stage')), rollback };
    const testers =
      feature.testers === null ? null : { ...of('feature', 'tester'), who: readyTesters(feature.testers) };
    return { ...this.planOfClients(feature, of), rollback, testers };
  }

  private planOfClients(feature: Feature, of: (side: Side, reason: Reason) => Choice): RoutePlan {
    const { stage, canary } = feature;
    if (stage === 'shadow') return forAll(of('legacy', 'stage'));
    if (canary === null) throw new Error(`Feature "${feature.name}" is in stage canary and has no canary.`);
    const { shareHundredths } = canary;
    if (shareHundredths >= PLACES) return forAll(of('feature', 'bucket'));
    const outside = of('legacy', 'bucket');
    if (shareHundredths === 0) return forAll(outside);
    return {
      ...forAll(outside),
      canary: {
        shareHundredths,
        keys: this.keysOf(feature, canary),
        drawsPlaces: canary.by.some(({ kind }) => kind === 'place'),
        inside: of('feature', 'bucket'),
        outside,
        withoutKey: of('legacy', 'no_key'),
      },
    };
  }

  private keysOf(feature: Feature, { by }: Canary): ReadyKeys {
    const known = this.keys.get(feature);
    if (known !== undefined) return known;
    const keys = readyKeys(feature.name, by);
    this.keys.set(feature, keys);
    return keys;
  }

  private forward(answerer: Answerer): ForwardDecision {
    const { route, feature, side, reason } = answerer;
    const alone = this.alone(answerer);
    if (feature === null || reason === 'legacy_only') return alone;
    const other = this.alone({ ...answerer, side: side === 'feature' ? 'legacy' : 'feature' });
    const fallback = side === 'feature' ? planFallback(route, feature, other) : null;
    const either = route.policy.either && BETWEEN_SIDES.has(feature.stage) ? other : null;
    const legacy = side === 'legacy' ? alone : other;
    const shadow = planShadow({ ...answerer, feature, other, legacy });
    const isAlone = fallback === null && either === null && shadow === null;
    return isAlone ? alone : Object.freeze({ ...alone, fallback, either, shadow });
  }

  /** Without the other side. */
  private alone({ route, feature, side, reason }: Answerer): ForwardDecision {
    const backend = side === 'feature' && feature !== null ? feature.backend : this.table.legacy;
    const plan = { route, side, backend, feature, reason, fallback: null, either: null };
    return Object.freeze({ kind: 'forward', ...plan, shadow: null, copy: null });
  }
}

/** A permutation takes most of a millisecond: a table with many canaries does not wait for theirs. */
function readyKeys(feature: string, by: Canary['by']): ReadyKeys {
  let buckets: Uint16Array | null = null;
  return {
    by,
    seed: seedOf(feature),
    get buckets() {
      buckets ??= bucketsOfPlaces(feature);
      return buckets;
    },
  };
}

/** Clients are on the way from one side to the other: pages of both are open in browsers. */
const BETWEEN_SIDES: ReadonlySet<Stage> = new Set(['shadow', 'canary', 'live']);

interface Answerer {
  readonly route: Route;
  readonly feature: Feature | null;
  readonly side: Side;
  readonly reason: Reason;
}

function forAll({ decision }: Choice): RoutePlan {
  return { decision, key: null, drawn: null, rollback: null, testers: null, canary: null };
}

function choice(decision: Decision): Choice {
  return { decision, key: null, drawn: null };
}

function featureOf({ features }: Deciding, name: string): Feature {
  const feature = Object.hasOwn(features, name) ? features[name] : undefined;
  if (feature === undefined) throw new Error(`The route table has no feature "${name}".`);
  return feature;
}

/** For a table that nobody serves by: nothing of it was ever rolled back. */
export const NEVER_ROLLED_BACK: FeatureSwitches = { of: () => ({ isRolledBack: false }) };
