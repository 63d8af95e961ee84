import { namesInLegacyOnlyFile } from './legacy-only.ts';

/** What is to become of the LEGACY_ONLY file: text to write, null to delete it, or why nothing changes. */
export type LegacyOnlyEdit =
  | { readonly kind: 'changed'; readonly text: string | null }
  | { readonly kind: 'already' }
  /** The file means everything, and cannot let go of some names alone. */
  | { readonly kind: 'everything' };

/**
 * Turns `legacy_only` on by the file: for these names, or for everything if there are none. A file that already means
 * everything stays as it is, since a name in it would let go of all others.
 *
 * @param text of the file; null when there is none.
 */
export function switchOn(text: string | null, names: readonly string[]): LegacyOnlyEdit {
  const inFile = text === null ? null : namesOf(text);
  if (inFile?.length === 0) return { kind: 'already' };
  if (names.length === 0) return { kind: 'changed', text: text === null ? '' : without(text, namesOf(text)) };
  const added = [...new Set(names)].filter((name) => !inFile?.includes(name));
  if (added.length === 0) return { kind: 'already' };
  const before = text ?? '';
  const eol = before.includes('\r\n') ? '\r\n' : '\n';
  const gap = before === '' || before.endsWith('\n') ? '' : eol;
  return { kind: 'changed', text: before + gap + added.map((name) => name + eol).join('') };
}

/** Turns it off: for these names, or for all. With its last name the file goes, since an empty one means everything. */
export function switchOff(text: string | null, names: readonly string[]): LegacyOnlyEdit {
  if (text === null) return { kind: 'already' };
  if (names.length === 0) return { kind: 'changed', text: null };
  const inFile = namesOf(text);
  if (inFile.length === 0) return { kind: 'everything' };
  if (!inFile.some((name) => names.includes(name))) return { kind: 'already' };
  const isLast = inFile.every((name) => names.includes(name));
  return { kind: 'changed', text: isLast ? null : without(text, names) };
}

function namesOf(text: string): string[] {
  return namesInLegacyOnlyFile(text).map(({ name }) => name);
}

/** The text without the lines of these names; other lines stay as they are. */
function without(text: string, names: readonly string[]): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.filter((line) => !namesOf(line).some((name) => names.includes(name))).join('');
}
