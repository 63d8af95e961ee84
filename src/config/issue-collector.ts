import type { ConfigIssue } from '../model/config-issue.ts';
import type { MendedTree } from './read-around-slips.ts';
import type { Path } from './schema-check.ts';
import type { Range, SourceText } from './source-text.ts';

/**
 * Collects the issues of one file and knows where each path of it stands. A place that one stage of reading found
 * wrong is not spoken of by a later stage: one mistake, one message.
 */
export class IssueCollector {
  readonly #source: SourceText;
  readonly #tree: MendedTree;
  readonly #issues: ConfigIssue[] = [];
  /** Offsets with an error of an earlier stage. */
  #settled = new Set<number>();
  #offsets = new Set<number>();
  readonly #torn = new Set<string>();
  #hasErrors = false;

  constructor(source: SourceText, tree: MendedTree) {
    this.#source = source;
    this.#tree = tree;
  }

  /** From here on, places with an error are left alone. */
  nextStage(): void {
    this.#settled = new Set([...this.#settled, ...this.#offsets]);
    this.#offsets = new Set();
  }

  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  atRange(range: Range, message: string): void {
    this.#add('error', range, message, true);
  }

  error(path: Path, message: string, at: 'key' | 'value' = 'value'): void {
    this.#add('error', this.#rangeOf(path, at), message);
    this.#tear(path);
  }

  warning(path: Path, message: string, at: 'key' | 'value' = 'value'): void {
    this.#add('warning', this.#rangeOf(path, at), message);
  }

  /** An issue of another file. */
  foreign(issue: ConfigIssue): void {
    this.#issues.push(issue);
  }

  /** Nothing was wrong at this path or beneath it so far: what it lacks, it lacks by intent. */
  isWhole(path: Path): boolean {
    if (this.#torn.has(keyOf(path))) return false;
    const value = this.#valueAt(path);
    return !(typeof value === 'object' && value !== null && this.#tree.incomplete.has(value));
  }

  /** 1-based line of a path's value. */
  lineOf(path: Path): number {
    return this.#source.lineAt(this.#rangeOf(path, 'value')[0]);
  }

  /** Every issue, by place; twice the same is told once. */
  sorted(): ConfigIssue[] {
    const seen = new Set<string>();
    const unique = this.#issues.filter((issue) => {
      const key = `${issue.file}\n${issue.line}:${issue.column}\n${issue.message}`;
      return !seen.has(key) && seen.add(key);
    });
    const rank = (issue: ConfigIssue): number => (issue.file === this.#source.file ? 0 : 1);
    return unique.sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
  }

  #add(severity: ConfigIssue['severity'], range: Range, message: string, isSlip = false): void {
    if (this.#settled.has(range[0])) return;
    if (!isSlip && this.#isSpoilt(severity, range)) return;
    if (severity === 'error') {
      this.#hasErrors = true;
      this.#offsets.add(range[0]);
    }
    this.#issues.push(this.#source.issue(severity, range, message));
  }

  /** With a value missing, doubts about the whole are none, and neither is what stands beside the slip. */
  #isSpoilt(severity: ConfigIssue['severity'], range: Range): boolean {
    const { spoiltLines } = this.#tree;
    if (spoiltLines.size === 0) return false;
    return severity === 'warning' || spoiltLines.has(this.#source.lineAt(range[0]));
  }

  #tear(path: Path): void {
    for (let length = path.length; length >= 0; length--) this.#torn.add(keyOf(path.slice(0, length)));
  }

  #valueAt(path: Path): unknown {
    let value = this.#tree.root;
    for (const part of path) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string | number, unknown>)[part];
    }
    return value;
  }

  /** Where a path stands; for what is not there, the nearest above it that is. */
  #rangeOf(path: Path, at: 'key' | 'value'): Range {
    let value = this.#tree.root;
    let range: Range = [0, 1];
    for (const [i, part] of path.entries()) {
      if (typeof value !== 'object' || value === null) return range;
      const place = this.#tree.places.get(value)?.get(String(part));
      if (place === undefined) return range;
      const isLast = i === path.length - 1;
      const isBlock = !isLast && typeof path[i] === 'string';
      range = isLast ? place[at] : isBlock ? place.key : place.value;
      value = (value as Record<string | number, unknown>)[part];
    }
    return range;
  }
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
