import type { z } from 'zod';
import type { DidYouMean } from './did-you-mean.ts';
import type { RoutesFile } from './schema/routes-file-schema.ts';
import { routesFileSchema } from './schema/routes-file-schema.ts';
import { schemaMessage } from './schema-messages.ts';

/**
 * Holds plain values against the schema, and goes on past what is wrong: a value that does not fit is reported, taken
 * out, and the rest is read again, so that the rules can speak about everything else in the same run.
 */

/** Keys and list positions from the root. */
export type Path = readonly (string | number)[];

/** What does not fit: `at` says whether the key or its value is meant. */
export interface Misfit {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** The values that fit; `file` is null only if the whole is not a mapping. */
export interface SchemaCheck {
  readonly file: RoutesFile | null;
  readonly misfits: readonly Misfit[];
}

/** How often what is wrong is taken out and the rest read again: unions and missing keys may need a few. */
const MAX_PASSES = 12;

/** Checks `root`. Misfits are cut out of a copy, since their places are looked up in the original. */
export function checkSchema(root: unknown, didYouMean: DidYouMean): SchemaCheck {
  const misfits: Misfit[] = [];
  const cuts = new Set<string>();
  let values = root;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = routesFileSchema.safeParse(values, { error: (issue) => schemaMessage(issue, didYouMean) });
    if (result.success) return { file: result.data, misfits };
    const found = result.error.issues.flatMap((issue) => misfitsOf(issue, []));
    // What was cut out and turns out to be required was told already.
    for (const misfit of found) if (!cuts.has(JSON.stringify(misfit.path))) misfits.push(misfit);
    for (const misfit of found) cuts.add(JSON.stringify(misfit.path));
    if (pass === 0) values = structuredClone(root);
    const cutNow: CutNow = new Map();
    if (!found.map((misfit) => cut(values, misfit, cutNow)).every(Boolean)) break;
  }
  return { file: null, misfits };
}

type Issue = z.core.$ZodIssue;

function misfitsOf(issue: Issue, base: Path): Misfit[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ path: [...path, key], at: 'key', message: messages[i] ?? '' }));
  }
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch !== null) return branch.flatMap((inner) => misfitsOf(inner, path));
  }
  return [{ path, at: 'value', message: named(path, issue.message) }];
}

/** The alternative whose kind of value it is: what is wrong lies inside it. */
function nearestBranch(branches: readonly Issue[][]): Issue[] | null {
  const inside = branches.filter((issues) => !issues.some(isOtherKind));
  return inside.sort((a, b) => a.length - b.length)[0] ?? null;
}

function isOtherKind(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union';
}

/** `must be …` begins with what must be so. */
function named(path: Path, message: string): string {
  const last = path.at(-1);
  if (last === undefined || !/^(?:must|can|is|needs) /.test(message)) return message;
  if (typeof last === 'string') return `"${last}" ${message}`;
  return `an entry of "${String(path.at(-2) ?? '')}" ${message}`;
}

/** Of each object, the keys that were cut out of it: an alias brings one object to several places. */
type CutNow = Map<object, Set<string | number>>;

/** Takes a misfit out of the values; false if that can't be done, the root itself being wrong. */
function cut(root: unknown, misfit: Misfit, cutNow: CutNow): boolean {
  const path = misfit.path;
  if (path.length === 0) return false;
  const parent = path.slice(0, -1).reduce<unknown>((value, key) => child(value, key), root);
  const key = path.at(-1) as string | number;
  if (typeof parent !== 'object' || parent === null) return true;
  if (Array.isArray(parent)) {
    (parent as unknown[])[key as number] = harmlessEntry(path);
    return true;
  }
  const object = parent as Record<string, unknown>;
  const cutKeys = cutNow.get(object) ?? new Set();
  if (cutKeys.has(key)) return true;
  cutNow.set(object, cutKeys.add(key));
  if (path.length === 1 && key === 'legacy') object[key] = PLACEHOLDER_URL;
  else if (Object.hasOwn(object, key)) delete object[key];
  else return cut(root, { ...misfit, path: path.slice(0, -1) }, cutNow);
  return true;
}

function child(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Stands for a backend whose own is wrong, so that the rest can be read. */
const PLACEHOLDER_URL = 'http://legacy';

/** Lists keep their positions: what stands in for a wrong entry fits its list and says nothing. */
function harmlessEntry(path: Path): unknown {
  const list = path.at(-2);
  if (list === 'routes' || list === 'any') return {};
  return HARMLESS[String(list)] ?? 'x';
}

const HARMLESS: Record<string, unknown> = {
  methods: 'GET',
  repeatable: 'GET',
  writes: 'POST',
  when: 'connect',
  by: 'cookie',
  stages: 'shadow',
  urls: PLACEHOLDER_URL,
  trust_proxies: '127.0.0.1',
};
