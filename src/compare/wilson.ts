/** Two-sided 95 %. */
const Z = 1.959964;

/**
 * Wilson's score interval: between which shares the true one lies with 95 % when `hits` of `all` were seen (E. B. Wilson,
 * 1927). Unlike the simple one it is right near 0 and 1, where the shares of comparisons lie.
 */
export function wilsonBounds(hits: number, all: number): { readonly lower: number; readonly upper: number } {
  if (all === 0) return { lower: 0, upper: 1 };
  const share = hits / all;
  const z2 = Z * Z;
  const middle = share + z2 / (2 * all);
  const spread = Z * Math.sqrt((share * (1 - share)) / all + z2 / (4 * all * all));
  const scale = 1 + z2 / all;
  // Exact where nothing, or everything, was hit: rounding must not make a little less of it.
  const lower = hits === 0 ? 0 : (middle - spread) / scale;
  const upper = hits === all ? 1 : (middle + spread) / scale;
  return { lower, upper };
}
