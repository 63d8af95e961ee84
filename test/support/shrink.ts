/** Makes a case smaller, one step at a time, as long as it still shows its fault. */
export async function shrink<Case>(
  one: Case,
  smallerThan: (one: Case) => Iterable<Case>,
  { stillFails, mostTries }: { stillFails: (smaller: Case) => Promise<boolean>; mostTries: number },
): Promise<Case> {
  let best = one;
  let tries = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const smaller of smallerThan(best)) {
      if (++tries > mostTries) return best;
      if (!(await stillFails(smaller))) continue;
      best = smaller;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** A request with one line less. */
export function* lineLess(request: string): Generator<string> {
  const end = request.indexOf('\r\n\r\n');
  const lines = (end === -1 ? request : request.slice(0, end)).split('\r\n');
  const rest = end === -1 ? '' : request.slice(end);
  for (let i = 1; i < lines.length; i++) yield lines.toSpliced(i, 1).join('\r\n') + rest;
}
