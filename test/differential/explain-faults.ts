import { caseText, reportFault } from './report-fault.ts';
import { Addresses, isFault, judgeCase, type Sides, type Tally, type Verdict } from './run-many.ts';
import { shrinkCase } from './shrink-case.ts';

/** One line on what was run. */
export function describeTally(tally: Tally, seed: number): string {
  const met = [...tally.met].sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${count} × ${name}`);
  const counts = `${tally.cases} cases, ${tally.exchanges} exchanges on each front, seed ${seed}`;
  return [`${counts}; ${tally.settled} needed more time to come out alike; known differences:`, ...met].join(
    '\n',
  );
}

/** What is wrong, for people: the first fault made as small as it gets, the others as they came. '': nothing. */
export async function explainFaults({ faults }: Tally, seed: number, sides: Sides): Promise<string> {
  const [first, ...others] = faults;
  if (first === undefined) return '';
  const small = await shrunk(first.verdict, sides);
  return [
    `${faults.length} faults. The first, made small:`,
    reportFault(small, { seed, index: first.index }),
    '',
    'As data:',
    caseText(small.one),
    ...others.map(({ verdict, index }) => `\n${reportFault(verdict, { seed, index })}`),
  ].join('\n');
}

async function shrunk(verdict: Verdict, sides: Sides): Promise<Verdict> {
  const addresses = new Addresses(200);
  let best = verdict;
  await shrinkCase(verdict.one, async (smaller) => {
    const found = await judgeCase(smaller, sides, addresses);
    if (isFault(found)) best = found;
    return isFault(found);
  });
  return best;
}
