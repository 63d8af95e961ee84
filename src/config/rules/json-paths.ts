import { createRequire } from 'node:module';
import type * as JsonP3 from 'json-p3';
import { regexProblem } from '../regex-form.ts';

/** Loaded when a file has a JSONPath: few have, and every start waits for the thread that reads the file. */
const loadJsonP3 = (): typeof JsonP3 => createRequire(import.meta.url)('json-p3') as typeof JsonP3;

/** What is wrong with a JSONPath (RFC 9535); null: nothing. */
export function jsonPathProblem(path: string): string | null {
  if (!path.startsWith('$')) return `"${path}" is not a JSONPath: it begins with $, such as $.items[*].id`;
  const { JSONPathEnvironment, JSONPathError } = loadJsonP3();
  try {
    new JSONPathEnvironment().compile(path);
    return null;
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    // The library's words end with the path and the place in it.
    const what = error.message.replace(/ \('.*$/s, '');
    return `"${path}" is not a JSONPath: ${what}`;
  }
}

/** `items[*].id`, `order.total`: a regex for texts as it stands, and hardly meant as one. */
const PATH_WITHOUT_ROOT = /^\w+(?:\[[^\]]*\]|\.\w+|\.\*)+$/;

/** Whether a pattern for texts looks like a JSONPath that lacks its beginning. */
export function isLikeJsonPath(pattern: string): boolean {
  return PATH_WITHOUT_ROOT.test(pattern);
}

/** What is wrong with a pattern for texts (RE2 syntax); null: nothing. */
export function textPatternProblem(pattern: string): string | null {
  const problem = regexProblem(pattern);
  return problem === null ? null : `${problem} (a JSONPath begins with $)`;
}
