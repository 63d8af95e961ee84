import type { Entry } from './entry.ts';
import { findInPaths, type PathIndex, PathIndexBuilder } from './path-index.ts';
import type { RequestFields } from './request-fields.ts';

/**
 * Routes by host: the exact name, then wildcards from the longest, then those for any host. A host that takes the
 * request's name but has no alternative for the rest of it gives way to the next.
 */
export interface HostIndex {
  readonly names: ReadonlyMap<string, PathIndex>;
  /** `.x` of `*.x`. */
  readonly wildcards: ReadonlyMap<string, PathIndex>;
  /** Dots in the longest key of `wildcards`: nothing longer is looked up, however many labels a client sends. */
  readonly maxDots: number;
  readonly any: PathIndex | null;
}

/** The first alternative in precedence order that takes the request, or null. */
export function findInHosts(
  index: HostIndex,
  host: string,
  form: string,
  fields: RequestFields,
): Entry | null {
  const named = index.names.size === 0 ? undefined : index.names.get(host);
  let found = named === undefined ? null : findInPaths(named, form, fields);
  if (found === null && index.maxDots > 0) found = findInWildcards(index, host, form, fields);
  if (found === null && index.any !== null) found = findInPaths(index.any, form, fields);
  return found;
}

function findInWildcards(index: HostIndex, host: string, form: string, fields: RequestFields): Entry | null {
  let dot = longestSuffix(host, index.maxDots);
  while (dot !== -1) {
    const paths = index.wildcards.get(host.slice(dot));
    const found = paths === undefined ? null : findInPaths(paths, form, fields);
    if (found !== null) return found;
    dot = host.indexOf('.', dot + 1);
  }
  return null;
}

/** Index of the dot from which at most `maxDots` dots follow to the end, itself included; never 0; -1: none. */
function longestSuffix(host: string, maxDots: number): number {
  let dot = host.length;
  let found = -1;
  for (let i = 0; i < maxDots && dot > 0; i += 1) {
    dot = host.lastIndexOf('.', dot - 1);
    // `*` is one or more labels, never empty.
    if (dot <= 0) break;
    found = dot;
  }
  return found;
}

/** Collects alternatives; {@link finish} makes the index of them, step by step. */
export class HostIndexBuilder {
  private readonly builders = new Map<string, PathIndexBuilder>();

  add(entry: Entry): void {
    let builder = this.builders.get(entry.host);
    if (builder === undefined) {
      builder = new PathIndexBuilder();
      this.builders.set(entry.host, builder);
    }
    builder.add(entry);
  }

  *finish(): Generator<void, HostIndex> {
    const names = new Map<string, PathIndex>();
    const wildcards = new Map<string, PathIndex>();
    let any: PathIndex | null = null;
    let maxDots = 0;
    for (const [host, builder] of this.builders) {
      const paths = yield* builder.finish();
      if (host === '') any = paths;
      else if (!host.startsWith('*.')) names.set(host, paths);
      else {
        wildcards.set(host.slice(1), paths);
        maxDots = Math.max(maxDots, host.split('.').length - 1);
      }
    }
    return { names, wildcards, maxDots, any };
  }
}
