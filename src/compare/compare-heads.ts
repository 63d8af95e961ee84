import type { Difference } from '../model/comparison.ts';
import { allValues, type HeaderList } from '../model/header-list.ts';
import { normalMediaType } from './media-type.ts';
import { isSecretField, MASK, shownText } from './redact.ts';

/** The chosen fields of two answers' heads: all values of each, in order. `names` are in lower case. */
export function compareHeads(
  legacy: HeaderList,
  feature: HeaderList,
  names: readonly string[],
): Difference[] {
  return names.flatMap((name) => {
    if (OWN_FIELD.test(name)) return [];
    const one = fieldText(legacy, name);
    const other = fieldText(feature, name);
    if (one === other) return [];
    const kind = one === null ? 'extra' : other === null ? 'missing' : 'value';
    const show = (value: string | null): string | null => {
      if (value === null) return null;
      return isSecretField(name) ? MASK : shownText(value);
    };
    return [
      { field: `header ${name.slice(0, 100)}`, kind, legacy: show(one), feature: show(other), apart: null },
    ];
  });
}

/** What the router adds to the answer that it serves, and to no copy: `debug_headers`, and the cookie of a canary. */
const OWN_FIELD = /^x-banyan-/;
const OWN_COOKIE = /^banyan=/;

function fieldText(headers: HeaderList, name: string): string | null {
  const all = allValues(headers, name);
  const values = name === 'set-cookie' ? all.filter((value) => !OWN_COOKIE.test(value)) : all;
  if (values.length === 0) return null;
  const normal = name === 'content-type' ? values.map(normalMediaType) : values.map((value) => value.trim());
  return normal.join(', ');
}
