/** Which lines of a text give way to which others: what a diff shows, and what a line for `sed` is made of. */

/** Lines of the old text, and those in their place; either may be none. */
export interface LineChange {
  /** 0-based: the first old line, and the first new one. */
  readonly oldStart: number;
  readonly newStart: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** How many lines away the two texts are looked for to agree again: edits of verbs are a few lines long. */
const FAR = 40;

/** The lines of a text; a last one without its line end is told by `lacksEnd`. '\r' stays part of a line. */
export function linesOf(text: string): { readonly lines: readonly string[]; readonly lacksEnd: boolean } {
  const lines = text.split('\n');
  const lacksEnd = lines.at(-1) !== '';
  if (!lacksEnd) lines.pop();
  return { lines, lacksEnd };
}

/** The changes from one list of lines to another, in order. */
export function lineChanges(old: readonly string[], fresh: readonly string[]): LineChange[] {
  const changes: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && old[i] === fresh[j]) {
      i++;
      j++;
      continue;
    }
    const [removed, added] = nextAgreement(old, fresh, { i, j });
    changes.push({
      oldStart: i,
      newStart: j,
      removed: old.slice(i, i + removed),
      added: fresh.slice(j, j + added),
    });
    i += removed;
    j += added;
  }
  return changes;
}

/** The fewest lines to leave out on both sides until two lines agree; all that is left if they never do. */
function nextAgreement(
  old: readonly string[],
  fresh: readonly string[],
  { i, j }: { readonly i: number; readonly j: number },
): [number, number] {
  for (let total = 1; total <= FAR; total++) {
    for (let removed = 0; removed <= total; removed++) {
      const [a, b] = [i + removed, j + total - removed];
      if (a > old.length || b > fresh.length) continue;
      // Two lines, so that a blank one in common is not taken for the rest.
      if (old[a] === fresh[b] && old[a + 1] === fresh[b + 1]) return [removed, total - removed];
    }
  }
  return [old.length - i, fresh.length - j];
}
