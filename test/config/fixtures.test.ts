import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import type { Loaded } from '../../src/model/loaded.ts';

/**
 * Files with issues hold the expected messages in their first comment lines, `# line:column severity message`, in the
 * order in which they are told. Good files have their table, without the revision, beside them: what the JSON names
 * must be so. A new case needs a file, no code.
 */

const BAD = new URL('./fixtures/bad/', import.meta.url);
const GOOD = new URL('./fixtures/good/', import.meta.url);
const ENV = { NAME: 'x', BAD_URL: 'not a url', LEGACY_URL: 'http://legacy:8080' };

function parse(text: string): Loaded {
  return parseRoutes(text, { file: 'routes.yaml', env: ENV, legacyOnlyFile: null });
}

function expectedOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const end = lines.findIndex((line) => !/^# \d+:\d+ (?:error|warning) /.test(line));
  return lines.slice(0, end).map((line) => line.slice(2));
}

describe('files with issues', () => {
  const files = readdirSync(BAD).filter((name) => name.endsWith('.bad.yaml'));

  it('are many', () => {
    expect(files.length).toBeGreaterThan(200);
  });

  it.each(files)('%s', (name) => {
    const text = readFileSync(new URL(name, BAD), 'utf8');
    const { table, issues } = parse(text);
    const told = issues.map(
      ({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`,
    );
    expect(told).toEqual(expectedOf(text));
    expect(told).not.toEqual([]);
    expect(table === null).toBe(issues.some(({ severity }) => severity === 'error'));
    for (const issue of issues) {
      expect(issue.source).toBe(text.replace(/^\uFEFF/, '').split(/\r?\n/)[issue.line - 1]);
    }
  });
});

describe('good files', () => {
  it.each(readdirSync(GOOD).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
    const { table, issues } = parse(readFileSync(new URL(name, GOOD), 'utf8'));
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    const expected: unknown = JSON.parse(readFileSync(new URL(name.replace(/yaml$/, 'json'), GOOD), 'utf8'));
    expect(table).toMatchObject(expected as object);
  });
});
