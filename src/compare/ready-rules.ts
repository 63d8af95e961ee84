import { RE2JS } from 're2js';
import type { BodyKind, CompareRules } from '../model/shadow-block.ts';
import type { TextRules } from './compare-text.ts';
import type { JsonRules } from './json-marks.ts';
import { compileJsonPath } from './json-paths.ts';

/** What is compared, made ready. */
export interface ReadyRules {
  readonly status: boolean;
  readonly headers: readonly string[];
  readonly body: BodyKind;
  readonly json: JsonRules;
  readonly text: TextRules;
}

/** A JSONPath begins so; anything else in `ignore` and `redact` is a pattern for texts. */
function isJsonPath(written: string): boolean {
  return written.startsWith('$');
}

function patternsOf(written: readonly string[]): RE2JS[] {
  return written.filter((one) => !isJsonPath(one)).map((pattern) => RE2JS.compile(pattern));
}

/** Makes what routes.yaml says ready. @throws when a path or a pattern is wrong, which the file's rules do not let pass. */
export function readyRules(rules: CompareRules): ReadyRules {
  return {
    status: rules.status,
    headers: rules.headers,
    body: rules.body,
    json: {
      ignore: rules.ignore.filter(isJsonPath).map(compileJsonPath),
      unordered: rules.unordered.map(compileJsonPath),
      tolerance: rules.tolerance.map(([path, apart]) => [compileJsonPath(path), apart]),
      redact: rules.redact.filter(isJsonPath).map(compileJsonPath),
      nullIsMissing: rules.nullIsMissing,
    },
    text: { ignore: patternsOf(rules.ignore), redact: patternsOf(rules.redact) },
  };
}

/** {@link readyRules} with a memory of the last few: the rules of a feature are the same from answer to answer. */
export function rememberRules(most = 64): (rules: CompareRules) => ReadyRules {
  const known = new Map<string, ReadyRules>();
  return (rules) => {
    const key = JSON.stringify(rules);
    const before = known.get(key);
    if (before !== undefined) return before;
    const ready = readyRules(rules);
    if (known.size >= most) known.delete(known.keys().next().value ?? '');
    known.set(key, ready);
    return ready;
  };
}
