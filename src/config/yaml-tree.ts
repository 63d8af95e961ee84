import type { Range } from './source-text.ts';
import type { Slip } from './yaml-slips.ts';

/**
 * YAML text to plain values that know where each key and value stands.
 *
 * The library only parses: it is told that everything is text, and the builder gives scalars their types, since that
 * must come after `${…}`, and since values of headers, query and cookies stay the text that was written (`007`). It
 * also resolves aliases, shared and not copied, with a bound on what they would unfold to.
 */
export interface YamlTree {
  /** Plain objects, arrays and scalars; undefined for a file without content. */
  readonly root: unknown;
  readonly places: Places;
  /** Objects that lack a key which was refused: nothing can be said about what they do not have. */
  readonly incomplete: ReadonlySet<object>;
  readonly slips: readonly Slip[];
  /** The text is not YAML: `root` says nothing. */
  readonly isBroken: boolean;
}

/** Where a key and its value stand. List entries have the value's range for both. */
export interface Place {
  readonly key: Range;
  readonly value: Range;
}

/** Of each object and array, the places of its entries. */
export type Places = Map<object, Map<string, Place>>;
