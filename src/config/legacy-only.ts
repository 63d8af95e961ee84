import type { LegacyOnly } from '../model/route-table.ts';
import type { RoutesFile } from './schema/routes-file-schema.ts';
import type { Range } from './source-text.ts';

/**
 * `legacy_only`, the key and the LEGACY_ONLY file beside routes.yaml together (docs/routes.md). The file is for
 * the night when routes.yaml can't be trusted: white space alone means everything, otherwise it holds names, one a
 * line, and `#` starts a comment.
 */

/** A name in the LEGACY_ONLY file, and where. */
export interface NameInFile {
  readonly name: string;
  readonly range: Range;
}

/** From `#` on; but in `orders:/x#2`, a default name (route-names.ts), it counts the routes of that name. */
const COMMENT = /(?:(?<!\S)#|#(?!\d+(?:[\s#]|$))).*$/s;

/** The names in the text of a LEGACY_ONLY file; none means everything. */
export function namesInLegacyOnlyFile(text: string): NameInFile[] {
  const names: NameInFile[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const name = line.replace(COMMENT, '').trim();
    const at = start + line.indexOf(name);
    if (name !== '') names.push({ name, range: [at, at + name.length] });
    start += line.length + 1;
  }
  return names;
}

/** What is under legacy alone. A name that is both means the feature; unknown ones are left out (the rules told). */
export function legacyOnlyOf(
  key: RoutesFile['legacy_only'],
  fileText: string | null,
  known: { readonly features: ReadonlySet<string>; readonly routes: ReadonlySet<string> },
): LegacyOnly {
  const inFile = fileText === null ? null : namesInLegacyOnlyFile(fileText).map((entry) => entry.name);
  const names = [...new Set([...(Array.isArray(key) ? key : []), ...(inFile ?? [])])];
  return {
    everything: key === true || inFile?.length === 0,
    features: names.filter((name) => known.features.has(name)),
    routes: names.filter((name) => !known.features.has(name) && known.routes.has(name)),
  };
}
