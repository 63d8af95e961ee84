import { TOKEN } from '../http-words.ts';
import type { IssueCollector } from '../issue-collector.ts';
import type { FeatureFile } from '../schema/feature-schema.ts';
import type { Path } from '../schema-check.ts';
import { featuresOf, type Rule } from './rule.ts';

type TestersFile = NonNullable<FeatureFile['testers']>;

/** Testers are told by something, and by what a request can have. */
export const testers: Rule = ({ file, issues }) => {
  for (const [name, feature] of Object.entries(featuresOf(file))) {
    if (typeof feature === 'string' || feature.testers === undefined) continue;
    const path = ['features', name, 'testers'];
    checkGiven(issues, feature.testers, path);
    checkCookies(issues, feature.testers, [...path, 'cookies']);
    checkHeaders(issues, feature.testers, [...path, 'headers']);
  }
};

function checkGiven(issues: IssueCollector, { cookies = {}, headers = {} }: TestersFile, path: Path): void {
  if (Object.keys(cookies).length + Object.keys(headers).length > 0 || !issues.isWhole(path)) return;
  issues.error(path, '"testers" needs a cookie or a header: { cookies: { NAME: VALUE } }', 'key');
}

function checkCookies(issues: IssueCollector, { cookies = {} }: TestersFile, path: Path): void {
  for (const [name, value] of Object.entries(cookies)) {
    const at = [...path, name];
    if (!TOKEN.test(name)) issues.error(at, `"${name}" is not a cookie's name`, 'key');
    else if (name === 'banyan') issues.error(at, '"banyan" is the router\'s own cookie', 'key');
    if (/[;\x00-\x1f\x7f]/.test(value) || value !== value.trim())
      issues.error(at, 'a cookie never has this value');
  }
}

function checkHeaders(issues: IssueCollector, { headers = {} }: TestersFile, path: Path): void {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    const at = [...path, name];
    const lower = name.toLowerCase();
    if (!TOKEN.test(name)) issues.error(at, `"${name}" is not a header name`, 'key');
    else if (seen.has(lower))
      issues.error(at, `"${name}" is given twice: the case of header names does not matter`, 'key');
    seen.add(lower);
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value) || value !== value.trim())
      issues.error(at, 'a header never has this value');
  }
}
