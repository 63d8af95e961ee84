import { type FormRules, foldCase, literalForm } from './path-form.ts';
import { literalHeadOf } from './path-regex-head.ts';
import type { PathMatch } from './route-table.ts';

/**
 * A path condition, taken apart: what it says segment by segment. Precedence and the index both work on it.
 */
export interface PathPattern {
  readonly kind: 'path' | 'prefix' | 'regex';
  /** Literal segments in the form of {@link literalForm}; null for a parameter. Of a regex: of its literal head. */
  readonly segments: readonly (string | null)[];
  /** Characters of a regex's literal head, to compare with the prefix of the same segments; of others, of those. */
  readonly characters: number;
  /** Of a regex: what every path it takes begins with; otherwise ''. */
  readonly head: string;
  /** RE2 syntax; '' unless a regex. */
  readonly source: string;
}

/** Takes a path condition apart. */
export function patternOf(path: PathMatch, rules: FormRules): PathPattern {
  if (path.kind === 'regex') return regexPattern(path.source, rules);
  const value = path.kind === 'prefix' ? path.value.replace(/\/+$/, '') : path.value;
  const segments =
    value === ''
      ? []
      : value
          .slice(1)
          .split('/')
          .map((segment) => segmentOf(segment, rules));
  return { kind: path.kind, segments, characters: charactersOf(segments), head: '', source: '' };
}

/** True for `path` conditions without parameters: they are looked up whole. */
export function isExact(pattern: PathPattern): boolean {
  return pattern.kind === 'path' && !pattern.segments.includes(null);
}

function segmentOf(segment: string, rules: FormRules): string | null {
  return segment.length > 1 && segment.startsWith(':') ? null : literalForm(segment, rules);
}

/** Without a trailing slash, so `/` counts 0 and every head that begins with a slash is longer. */
function charactersOf(segments: readonly (string | null)[]): number {
  return segments.reduce<number>((sum, segment) => sum + 1 + (segment?.length ?? 0), 0);
}

/** A regex counts by its anchored literal head: its complete segments, then its characters (docs/matching.md). */
function regexPattern(source: string, rules: FormRules): PathPattern {
  const { head: written, ends } = literalHeadOf(source);
  const head = rules.caseSensitive ? written : foldCase(written);
  const parts = head.startsWith('/') ? head.slice(1).split('/') : [''];
  // The last part is followed by whatever the expression says next, so it is complete only before `$`.
  const segments = ends && head.length > 1 ? parts : parts.slice(0, -1);
  return { kind: 'regex', segments, characters: head.length, head, source };
}
