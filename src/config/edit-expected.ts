import { isDeepStrictEqual } from 'node:util';
import type { CarveChange } from './edit-carve.ts';
import type { RoutesChange } from './edit-change.ts';
import type { StageChange } from './edit-stage.ts';

/**
 * What a file must say after an edit, in plain values: what it said before, with the one thing changed. Compared with
 * what it does say, this catches whatever form of YAML the editor did not reckon with, shared anchors above all.
 */

type Plain = Record<string, unknown>;

/** The plain values of a file with the change made. Shared parts are parted first, as aliases must be. */
export function expectedAfter(root: unknown, change: RoutesChange): Plain {
  const file = JSON.parse(JSON.stringify(root)) as Plain;
  if (change.kind === 'stage') return withStage(file, change);
  if (change.kind === 'carve') return withRoute(file, change);
  const { legacy_only: before } = file;
  return { ...file, legacy_only: [...(Array.isArray(before) ? before : []), change.name] };
}

function withStage(file: Plain, { feature: name, stage, share }: StageChange): Plain {
  const features = { ...plain(file['features']) };
  const written = features[name];
  const before = typeof written === 'string' ? { url: written } : plain(written);
  const canary = share === null ? {} : { canary: { ...plain(before['canary']), share } };
  features[name] = { ...before, stage, ...canary };
  return { ...file, features };
}

function withRoute(file: Plain, { to, url, path, methods, hosts, name }: CarveChange): Plain {
  const features =
    url === null ? {} : { features: { ...plain(file['features']), [to]: { url, stage: 'legacy' } } };
  const match = {
    ...(hosts.length > 0 ? { hosts: [...hosts] } : {}),
    [path.kind]: path.value,
    ...(methods.length > 0 ? { methods: [...methods] } : {}),
  };
  const route = { ...(name === null ? {} : { name }), match, to };
  const routes = Array.isArray(file['routes']) ? file['routes'] : [];
  return { ...file, ...features, routes: [...routes, route] };
}

function plain(value: unknown): Plain {
  return typeof value === 'object' && value !== null ? (value as Plain) : {};
}

/** Why a file that now says this does not say what it should, for people; null if it does. `name`: what was to change. */
export function strayChange(expected: Plain, actual: unknown, name: string): string | null {
  const found = JSON.parse(JSON.stringify(actual ?? null)) as unknown;
  if (isDeepStrictEqual(expected, found)) return null;
  const others = placesThatDiffer(expected, plain(found)).filter((place) => place !== name);
  if (others.length === 0) return 'the edit would not come out as asked';
  return `${others.join(' and ')} would change with it, by an anchor that they share`;
}

/** Features by name, everything else by its key. */
function placesThatDiffer(expected: Plain, actual: Plain): string[] {
  return keysThatDiffer(expected, actual).flatMap((key) =>
    key === 'features' ? keysThatDiffer(plain(expected[key]), plain(actual[key])) : [key],
  );
}

function keysThatDiffer(a: Plain, b: Plain): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => !isDeepStrictEqual(a[key], b[key]),
  );
}
