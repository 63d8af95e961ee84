import type { Misfit, Path } from './schema-check.ts';

/**
 * What the format has and Banyan does not do yet. The schema knows it all, so that later work only shortens this list;
 * until then such a key or value is refused, never ignored, and routes.schema.json leaves it out.
 */
export interface NotYet {
  /** Where in the format; `*` stands for any name or list position. */
  readonly path: readonly string[];
  /** The values that are refused; none: all but the one that turns it off. */
  readonly values?: readonly string[];
}

const BACKEND_KEYS = ['http2'];

/** To be shortened. */
export const NOT_YET: readonly NotYet[] = [
  ...BACKEND_KEYS.map((key) => ({ path: ['legacy', key] })),
  ...BACKEND_KEYS.map((key) => ({ path: ['features', '*', key] })),
];

/** Finds what is not done yet in the plain values of a file. */
export function findNotYet(root: unknown): Misfit[] {
  return NOT_YET.flatMap((entry) =>
    find(root, entry.path, [])
      .map(({ path, value }) => misfitOf(entry, path, value))
      .filter((misfit) => misfit !== null),
  );
}

function misfitOf(entry: NotYet, path: Path, value: unknown): Misfit | null {
  const key = String(path.at(-1));
  if (value === false) return null;
  if (entry.values === undefined) return { path, at: 'key', message: `"${key}" is not supported yet` };
  const isRefused = typeof value === 'string' && entry.values.includes(value);
  return isRefused ? { path, at: 'value', message: `"${key}: ${value}" is not supported yet` } : null;
}

function find(value: unknown, pattern: readonly string[], at: Path): { path: Path; value: unknown }[] {
  const [key, ...rest] = pattern;
  if (key === undefined) return [{ path: at, value }];
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  const found: { path: Path; value: unknown }[] = [];
  for (const own of keys) {
    if (key !== '*' && key !== own) continue;
    found.push(...find((value as Record<string | number, unknown>)[own], rest, [...at, own]));
  }
  return found;
}
