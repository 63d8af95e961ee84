/**
 * The Huffman code of HPACK (RFC 7541 appendix B). Its codes follow from their lengths, shorter ones
 * first, and among equal lengths the smaller symbol first. Reading goes by half bytes through a table of states, which are
 * the inner nodes of the code's tree.
 */

/** Bits of each symbol's code: the bytes 0 … 255, then the end of the string. */
const CODE_BITS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const END_OF_STRING = 256;
/** In the table: no half byte may be read in this state. */
const BROKEN = -1;
/** At most one symbol ends within a half byte, since none is shorter than five bits. */
const NO_SYMBOL = 0x1ff;
/** An entry is `next state << 9 | symbol`. */
const SYMBOL_BITS = 9;

interface Tree {
  /** Of each inner node, its children: an inner node as is, a symbol as `-1 - symbol`. */
  readonly children: [number, number][];
  /** Whether a string may end there: at most seven bits, all ones, since the last symbol. */
  readonly mayEnd: boolean[];
}

const TREE = growTree();
const TABLE = tabulate(TREE);

/** A string as it was coded; latin1. Null: it is none (padding that is too long or not all ones, or a coded end). */
export function decodeHuffman(bytes: Buffer, start: number, end: number): string | null {
  let state = 0;
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    for (const half of [byte >> 4, byte & 0xf]) {
      const entry = TABLE[(state << 4) | half] as number;
      if (entry === BROKEN) return null;
      const symbol = entry & NO_SYMBOL;
      if (symbol !== NO_SYMBOL) text += String.fromCharCode(symbol);
      state = entry >> SYMBOL_BITS;
    }
  }
  return TREE.mayEnd[state] === true ? text : null;
}

function growTree(): Tree {
  const tree: Tree = { children: [[0, 0]], mayEnd: [true] };
  const bySize = [...CODE_BITS.keys()].sort((a, b) => bitsOf(a) - bitsOf(b) || a - b);
  let code = 0;
  let bits = 0;
  for (const symbol of bySize) {
    code <<= bitsOf(symbol) - bits;
    bits = bitsOf(symbol);
    plant(tree, { symbol, code, bits });
    code++;
  }
  return tree;
}

function bitsOf(symbol: number): number {
  return CODE_BITS[symbol] as number;
}

function plant(
  { children, mayEnd }: Tree,
  { symbol, code, bits }: { symbol: number; code: number; bits: number },
): void {
  let node = 0;
  for (let bit = bits - 1; bit > 0; bit--) {
    const side = ((code >>> bit) & 1) as 0 | 1;
    const pair = children[node] as [number, number];
    if (pair[side] === 0) {
      pair[side] = children.push([0, 0]) - 1;
      const depth = bits - bit;
      mayEnd.push(depth <= 7 && code >>> bit === (1 << depth) - 1);
    }
    node = pair[side];
  }
  (children[node] as [number, number])[code & 1] = -1 - symbol;
}

function tabulate({ children }: Tree): Int32Array {
  const table = new Int32Array(children.length * 16);
  for (let state = 0; state < children.length; state++) {
    for (let half = 0; half < 16; half++) table[(state << 4) | half] = entryOf(children, state, half);
  }
  return table;
}

function entryOf(children: readonly [number, number][], state: number, half: number): number {
  let node = state;
  let symbol = NO_SYMBOL;
  for (let bit = 3; bit >= 0; bit--) {
    node = (children[node] as [number, number])[((half >> bit) & 1) as 0 | 1];
    if (node >= 0) continue;
    symbol = -1 - node;
    if (symbol === END_OF_STRING) return BROKEN;
    node = 0;
  }
  return (node << SYMBOL_BITS) | symbol;
}
