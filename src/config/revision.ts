import { createHash } from 'node:crypto';

/** All that a table follows from. */
export interface Content {
  readonly text: string;
  readonly env: Readonly<Record<string, string | null>>;
  readonly legacyOnlyFile: string | null;
}

/** The first 12 hex digits of the content's SHA-256: text, what `${…}` read, and the LEGACY_ONLY file. */
export function revisionOf(content: Content): string {
  const env = Object.entries(content.env).sort(([a], [b]) => (a < b ? -1 : 1));
  const whole = JSON.stringify([content.text, env, content.legacyOnlyFile]);
  return createHash('sha256').update(whole).digest('hex').slice(0, 12);
}
