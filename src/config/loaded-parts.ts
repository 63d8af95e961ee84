import type { Loaded } from '../model/loaded.ts';
import type { RouteTable } from '../model/route-table.ts';

/**
 * What the loading thread answers, in parts. Each message that crosses is copied on the main thread while requests
 * wait, so no part is larger than a few milliseconds' work, and the next one crosses only when it is asked for.
 */
export type LoadedPart =
  | {
      readonly kind: 'features';
      readonly entries: readonly (readonly [string, RouteTable['features'][string]])[];
    }
  | { readonly kind: 'routes'; readonly routes: RouteTable['routes'] }
  | { readonly kind: 'issues'; readonly issues: Loaded['issues'] }
  | {
      readonly kind: 'end';
      readonly env: Loaded['env'];
      readonly rest: Omit<RouteTable, 'features' | 'routes'> | null;
    };

/** Entries of a list in one part. */
export const PART_ENTRIES = 200;

/** A result, in parts; the one of kind `end` is last. */
export function* partsOf({ table, issues, env }: Loaded): Generator<LoadedPart, void> {
  for (const slice of slices(issues)) yield { kind: 'issues', issues: slice };
  if (table === null) {
    yield { kind: 'end', env, rest: null };
    return;
  }
  const { features, routes, ...rest } = table;
  for (const entries of slices(Object.entries(features))) yield { kind: 'features', entries };
  for (const slice of slices(routes)) yield { kind: 'routes', routes: slice };
  yield { kind: 'end', env, rest };
}

function* slices<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < list.length; i += PART_ENTRIES) yield list.slice(i, i + PART_ENTRIES);
}

/** Puts the parts together again, each frozen as it comes. */
export class LoadedAssembly {
  readonly #features: Record<string, RouteTable['features'][string]> = {};
  readonly #routes: RouteTable['routes'][number][] = [];
  readonly #issues: Loaded['issues'][number][] = [];

  /** Takes a part; the whole when it was the last, null before. */
  add(part: LoadedPart): Loaded | null {
    freezeDeep(part);
    switch (part.kind) {
      case 'issues':
        this.#issues.push(...part.issues);
        return null;
      case 'routes':
        this.#routes.push(...part.routes);
        return null;
      case 'features':
        for (const [name, feature] of part.entries) this.#features[name] = feature;
        return null;
      default:
        return this.#whole(part);
    }
  }

  #whole({ rest, env }: Extract<LoadedPart, { kind: 'end' }>): Loaded {
    const table = rest === null ? null : { ...rest, features: this.#features, routes: this.#routes };
    if (table !== null) for (const value of [table, table.features, table.routes]) Object.freeze(value);
    return { table, issues: Object.freeze(this.#issues), env };
  }
}

function freezeDeep(value: object): void {
  Object.freeze(value);
  for (const child of Object.values(value)) {
    if (typeof child === 'object' && child !== null) freezeDeep(child);
  }
}
