import type { PathPattern } from '../../model/path-pattern.ts';
import type { Alternative } from './table-rule.ts';

/**
 * Alternatives in a tree of path segments, to find those whose paths may overlap with a given one without looking at
 * all of them. A regex has its place by the complete segments of its literal head.
 */
export class Rivals {
  readonly #root: Branch = newBranch();

  constructor(alternatives: readonly Alternative[]) {
    for (const alternative of alternatives) this.#add(alternative);
  }

  #add(alternative: Alternative): void {
    let branch = this.#root;
    for (const segment of alternative.pattern.segments) {
      const next = branch.children.get(segment) ?? newBranch();
      branch.children.set(segment, next);
      branch = next;
    }
    branch.here.push(alternative);
  }

  /** Those that may take a request which the pattern takes; some of them don't. */
  *near(pattern: PathPattern): Generator<Alternative, void> {
    if (pattern.kind === 'regex') yield* allOf(this.#root);
    else yield* along(this.#root, pattern, 0);
  }
}

/** `here`: those whose path ends at this branch. A parameter is the child null. */
interface Branch {
  readonly here: Alternative[];
  readonly children: Map<string | null, Branch>;
}

function newBranch(): Branch {
  return { here: [], children: new Map() };
}

function* along(branch: Branch, pattern: PathPattern, depth: number): Generator<Alternative, void> {
  if (depth === pattern.segments.length) {
    if (pattern.kind === 'prefix') yield* allOf(branch);
    else yield* branch.here;
    return;
  }
  yield* branch.here;
  const segment = pattern.segments[depth] ?? null;
  for (const next of segment === null ? branch.children.values() : childrenFor(branch, segment)) {
    yield* along(next, pattern, depth + 1);
  }
}

function childrenFor({ children }: Branch, segment: string): Branch[] {
  return [children.get(segment), children.get(null)].filter((child) => child !== undefined);
}

function* allOf(branch: Branch): Generator<Alternative, void> {
  yield* branch.here;
  for (const child of branch.children.values()) yield* allOf(child);
}
