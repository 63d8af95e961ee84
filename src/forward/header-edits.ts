import type { HeaderEdits } from '../model/route-table.ts';

/** Applies a route's `remove`, then `set`, then `add` to a flat list, in place. `set` keeps the place of the first. */
export function applyEdits(headers: string[], edits: HeaderEdits): void {
  for (const name of edits.remove) removeField(headers, name);
  for (const [name, value] of edits.set) setField(headers, name, value);
  for (const [name, value] of edits.add) headers.push(name, value);
}

/** Whether there is nothing to apply. */
export function isNoEdit({ remove, set, add }: HeaderEdits): boolean {
  return remove.length === 0 && set.length === 0 && add.length === 0;
}

/** Removes every field of a name (lower case). */
export function removeField(headers: string[], lowerName: string): void {
  let kept = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.toLowerCase() === lowerName) continue;
    headers[kept] = name;
    headers[kept + 1] = headers[i + 1] as string;
    kept += 2;
  }
  headers.length = kept;
}

/** Leaves exactly one field of this name, in the place of the first there was, else at the end. */
export function setField(headers: string[], name: string, value: string): void {
  const lowerName = name.toLowerCase();
  const at = headers.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === lowerName);
  if (at === -1) {
    headers.push(name, value);
    return;
  }
  const rest = headers.slice(at + 2);
  removeField(rest, lowerName);
  headers.length = at;
  headers.push(name, value, ...rest);
}
