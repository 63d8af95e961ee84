import { fieldNameProblem, fieldValueProblem } from '../http-words.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { HeaderEditsFile } from '../schema/route-schema.ts';
import type { Path } from '../schema-check.ts';
import { type Rule, routesOf } from './rule.ts';

/** Changes to headers name fields that may be changed, and give values that can be sent. */
export const headerEdits: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    check(issues, route.request_headers, [...path, 'request_headers']);
    check(issues, route.response_headers, [...path, 'response_headers']);
  }
  check(issues, file.default?.response_headers, ['default', 'response_headers']);
};

function check(issues: IssueCollector, edits: HeaderEditsFile | undefined, path: Path): void {
  for (const key of ['set', 'add'] as const) {
    const seen = new Set<string>();
    for (const [name, value] of Object.entries(edits?.[key] ?? {})) {
      const at = [...path, key, name];
      const isTwice = seen.has(name.toLowerCase());
      const problem =
        fieldNameProblem(name) ??
        (isTwice ? `"${name}" is given twice: the case of header names does not matter` : null);
      if (problem !== null) issues.error(at, problem, 'key');
      seen.add(name.toLowerCase());
      const valueProblem = fieldValueProblem(value);
      if (valueProblem !== null) issues.error(at, valueProblem);
    }
  }
  for (const [i, name] of (edits?.remove ?? []).entries()) {
    const problem = fieldNameProblem(name);
    if (problem !== null) issues.error([...path, 'remove', i], problem);
  }
}
