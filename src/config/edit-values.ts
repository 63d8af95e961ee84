import { plainScalar } from './plain-scalar.ts';

/** What is put into a routes file, before it is known in which style. A scalar is its text, before `${…}`. */
export type NewValue = string | readonly NewValue[] | NewMapping;
/** Keys in the order in which they are written. */
export interface NewMapping {
  readonly pairs: readonly (readonly [key: string, value: NewValue])[];
  /** In flow style also where what is around it is in block style. */
  readonly isFlow?: boolean;
}

/** How flow style is written: as the file's neighbours do. */
export interface FlowStyle {
  /** Keys and texts in double quotes throughout. */
  readonly json: boolean;
}

/** The value in flow style: `{ url: http://orders:3000, stage: legacy }`. */
export function inFlow(value: NewValue, style: FlowStyle): string {
  if (typeof value === 'string') return scalarText(value, style.json);
  if ('pairs' in value) {
    const pairs = value.pairs.map(
      ([key, entry]) => `${scalarText(key, style.json)}: ${inFlow(entry, style)}`,
    );
    return `{ ${pairs.join(', ')} }`;
  }
  return `[${value.map((item) => inFlow(item, style)).join(', ')}]`;
}

/** A mapping in block style, as lines that begin at this column; lists in it are in flow style. */
export function inBlock({ pairs }: NewMapping, column: number, step: number): string[] {
  const indent = ' '.repeat(column);
  return pairs.flatMap(([key, value]) => {
    const head = `${indent}${scalarText(key, false)}:`;
    const isBlock = typeof value !== 'string' && 'pairs' in value && value.isFlow !== true;
    if (isBlock) return [head, ...inBlock(value, column + step, step)];
    return [`${head} ${inFlow(value, { json: false })}`];
  });
}

/** An entry of a list in block style: a dash before the first line. */
export function asListItem(
  mapping: NewMapping,
  at: { readonly dash: number; readonly item: number; readonly step: number },
): string[] {
  const [first = '', ...rest] = inBlock(mapping, at.item, at.step);
  const dash = `${' '.repeat(at.dash)}-`.padEnd(at.item);
  return [dash + first.slice(at.item), ...rest];
}

/** A text as a scalar that reads as just that text: quoted where YAML, or `${…}`, would make something else of it. */
export function scalarText(text: string, quoted: boolean): string {
  const escaped = text.replaceAll('$', '$$$$');
  const isPlain = /^[A-Za-z0-9_./][\w./@+%:~-]*$/.test(escaped) && !escaped.endsWith(':');
  return isPlain && !quoted && typeof plainScalar(escaped) === 'string' ? escaped : JSON.stringify(escaped);
}
