import type { RoutesChange } from '../config/edit-change.ts';
import type { Feature, Route, RouteTable } from '../model/route-table.ts';
import type { EditOptions } from './edit-options.ts';
import { type EditDeps, type RoutesVerb, runRoutesVerb } from './edit-routes-verb.ts';
import { leftBehind } from './feature-words.ts';
import { namesOf, noName } from './known-names.ts';
import { stageFields, stageVerb } from './set.ts';

/**
 * `banyan rollback`: legacy answers, now. A feature gets the stage legacy; a route is put into `legacy_only`, and the
 * other routes of its feature stay where they are. A name that is both means the feature.
 */
export function rollback(name: string, options: EditOptions, deps: EditDeps): Promise<number> {
  return runRoutesVerb(rollbackVerb(name), options, deps);
}

type Asked =
  | { readonly change: Extract<RoutesChange, { kind: 'stage' }> }
  | { readonly change: Extract<RoutesChange, { kind: 'legacy_only' }>; readonly feature: string };

function rollbackVerb(name: string): RoutesVerb<Asked> {
  const byStage = stageVerb({ feature: name, stage: 'legacy', share: null });
  return {
    ask: (table) => {
      if (Object.hasOwn(table.features, name)) return byStage.ask(table);
      return askRoute(table, name);
    },
    summary: (asked, before, isAlready) => {
      if (!isRoute(asked)) return byStage.summary(asked, before, isAlready);
      return isAlready
        ? `legacy_only holds the route ${name} already: the file stays as it is.`
        : `The route ${name} is legacy’s, by legacy_only; other routes of ${asked.feature} stay where they are.`;
    },
    isInForce: (asked, state) => {
      if (!isRoute(asked)) return byStage.isInForce(asked, state);
      const { legacy_only: only } = state.config;
      return only !== null && (only.everything || only.routes.includes(name));
    },
    tell: (asked, state) => {
      if (!isRoute(asked)) return byStage.tell(asked, state);
      return [`In force: legacy answers on the route ${name}.`, ...leftBehind(state, asked.feature, true)];
    },
    fields: (asked, state) => stageFields(state, isRoute(asked) ? asked.feature : name),
    otherwise: `This works all the same: banyan legacy-only on ${name}`,
  };
}

function isRoute(asked: Asked): asked is Extract<Asked, { feature: string }> {
  return asked.change.kind === 'legacy_only';
}

function askRoute(table: RouteTable, name: string): Asked | string {
  const route = table.routes.find((candidate) => candidate.name === name);
  if (route === undefined) return noName(name, namesOf(table));
  const feature = featureOf(table, route);
  if (typeof feature === 'string') return feature;
  return { change: { kind: 'legacy_only', name }, feature: feature.name };
}

/** The feature that a route can be taken back from, or why there is none. */
function featureOf(table: RouteTable, { name, action }: Route): Feature | string {
  if (action.kind !== 'to') return `the router answers the route "${name}" itself: legacy has no part in it`;
  const feature = action.feature === null ? undefined : table.features[action.feature];
  if (feature === undefined) return `the route "${name}" goes to legacy already`;
  if (feature.stage !== 'done') return feature;
  return `"${name}" is a route of "${feature.name}", whose stage is done, which legacy_only never moves: banyan rollback ${feature.name}`;
}
