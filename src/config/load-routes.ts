import type { ConfigIssue } from '../model/config-issue.ts';
import type { Loaded } from '../model/loaded.ts';
import { type ParseInput, parseRoutes } from './parse-routes.ts';
import { type FileReading, readLegacyOnly, readTextFile } from './read-input.ts';

/** Reads and parses a routes file once, with the LEGACY_ONLY file beside it: for verbs that do not serve. */
export async function loadRoutes(file: string, env: ParseInput['env']): Promise<Loaded> {
  const [routes, legacyOnly] = await Promise.all([readTextFile(file), readLegacyOnly(file)]);
  if ('problem' in routes) return { table: null, issues: [fileIssue(file, routes.problem)], env: {} };
  return parseRoutes(routes.text, { file, env, legacyOnlyFile: legacyOnlyText(legacyOnly) });
}

/**
 * What a LEGACY_ONLY file says: null when there is none. One that is there and can't be read means everything: it was
 * put there to stop features, and that must not fail.
 */
export function legacyOnlyText(reading: FileReading): string | null {
  if ('text' in reading) return reading.text;
  return reading.isAbsent ? null : '';
}

/** An issue of a file as a whole. */
export function fileIssue(file: string, message: string): ConfigIssue {
  return { severity: 'error', file, line: 0, column: 0, message, source: null, width: 1 };
}
