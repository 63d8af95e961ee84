import { TOKEN } from '../http-words.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { ConditionsFile, ValueTestFile } from '../schema/route-schema.ts';
import type { Path } from '../schema-check.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

/** Conditions on headers, query and cookies have names that can occur, and one form each. */
export const valueTests: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      checkNames(issues, conditions, at);
      for (const key of ['headers', 'query', 'cookies'] as const) {
        for (const [name, test] of Object.entries(conditions[key] ?? {}))
          checkForm(issues, test, [...at, key, name]);
      }
    }
  }
};

function checkNames(
  issues: IssueCollector,
  { headers = {}, query = {}, cookies = {} }: ConditionsFile,
  at: Path,
): void {
  const seen = new Set<string>();
  for (const name of Object.keys(headers)) {
    const lower = name.toLowerCase();
    const path = [...at, 'headers', name];
    if (!TOKEN.test(name)) issues.error(path, `"${name}" is not a header name`, 'key');
    else if (lower === 'host') issues.error(path, 'Host is matched by "hosts"', 'key');
    else if (seen.has(lower))
      issues.error(path, `"${name}" is given twice: the case of header names does not matter`, 'key');
    seen.add(lower);
  }
  for (const name of Object.keys(cookies)) {
    if (!TOKEN.test(name)) issues.error([...at, 'cookies', name], `"${name}" is not a cookie's name`, 'key');
  }
  for (const name of Object.keys(query)) {
    if (name === '') issues.error([...at, 'query', name], 'a query parameter has a name', 'key');
  }
}

function checkForm(issues: IssueCollector, test: ValueTestFile, path: Path): void {
  if (typeof test === 'string') return;
  const forms = Object.entries(test).flatMap(([form, value]) => (value === undefined ? [] : [form]));
  const [, second] = forms;
  if (second !== undefined)
    issues.error([...path, second], 'a condition has one of "regex", "prefix" and "present"', 'key');
  if (forms.length === 0 && issues.isWhole(path)) {
    issues.error(path, 'a condition is a value, or one of { regex: … }, { prefix: … } and { present: true }');
  }
}
