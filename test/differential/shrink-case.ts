import type { DifferentialCase } from './differential-case.ts';
import { OK } from './draw-answer.ts';

/** Makes a case smaller as long as it still shows its fault. */
export async function shrinkCase(
  one: DifferentialCase,
  stillFails: (smaller: DifferentialCase) => Promise<boolean>,
  mostTries = 150,
): Promise<DifferentialCase> {
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

/** Cases with one thing less. */
function* smallerThan(one: DifferentialCase): Generator<DifferentialCase> {
  const { requests, answers, cuts, ending } = one;
  if (cuts.length > 0) yield { ...one, cuts: [] };
  for (let i = 0; requests.length > 1 && i < requests.length; i++)
    yield { ...one, cuts: [], requests: requests.toSpliced(i, 1), answers: answers.toSpliced(i, 1) };
  if (ending !== 'wait') yield { ...one, ending: 'wait' };
  for (const [i, answer] of answers.entries())
    if (answer !== OK) yield { ...one, answers: answers.with(i, OK) };
  for (const [i, request] of requests.entries())
    for (const shorter of shorterThan(request))
      yield { ...one, cuts: [], requests: requests.with(i, shorter) };
}

/** A request with one field, or some of its body, less. */
function* shorterThan(request: string): Generator<string> {
  const end = request.indexOf('\r\n\r\n');
  const lines = (end === -1 ? request : request.slice(0, end)).split('\r\n');
  const rest = end === -1 ? '' : request.slice(end);
  for (let i = 1; i < lines.length; i++) yield lines.toSpliced(i, 1).join('\r\n') + rest;
  if (/[^/]/.test(lines[0]?.split(' ')[1] ?? ''))
    yield [lines[0]?.replace(/ \/\S*/, ' /'), ...lines.slice(1)].join('\r\n') + rest;
}
