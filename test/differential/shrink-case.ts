import { lineLess, shrink } from '../support/shrink.ts';
import type { DifferentialCase } from './differential-case.ts';
import { OK } from './draw-answer.ts';

/** Makes a case smaller as long as it still shows its fault. */
export function shrinkCase(
  one: DifferentialCase,
  stillFails: (smaller: DifferentialCase) => Promise<boolean>,
  mostTries = 150,
): Promise<DifferentialCase> {
  return shrink(one, smallerThan, { stillFails, mostTries });
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

/** A request with one field less, or with a target of one character. */
function* shorterThan(request: string): Generator<string> {
  yield* lineLess(request);
  const [line = ''] = request.split('\r\n', 1);
  if (/[^/]/.test(line.split(' ')[1] ?? '')) yield line.replace(/ \/\S*/, ' /') + request.slice(line.length);
}
