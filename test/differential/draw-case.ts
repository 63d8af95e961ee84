import { breakRequest } from './break-request.ts';
import type { DifferentialCase, Ending } from './differential-case.ts';
import { drawAnswer } from './draw-answer.ts';
import { drawRequest, renderRequest } from './draw-request.ts';
import type { Random } from './random.ts';

const ENDINGS: readonly Ending[] = [...Array<Ending>(16).fill('last'), 'wait', 'wait', 'fin', 'reset'];

/** Draws one to four requests, some broken, how they are sent, and what the backend does with them. */
export function drawCase(random: Random): DifferentialCase {
  const count = random.chance(0.5) ? 1 : 2 + random.below(3);
  const isBroken = random.chance(0.5);
  const broken = isBroken ? random.below(count) : -1;
  const requests: string[] = [];
  const answers: DifferentialCase['answers'][number][] = [];
  for (let i = 0; i < count; i++) {
    const request = drawRequest(random);
    const bytes = i === broken ? breakRequest(request, random) : renderRequest(request);
    requests.push(bytes);
    answers.push(drawAnswer(random, { isUpgrade: /^upgrade:/im.test(bytes), mayBeEarly: !isBroken }));
  }
  return {
    requests,
    answers,
    ending: random.pick(ENDINGS),
    cuts: drawCuts(requests.join('').length, random),
  };
}

/** Mostly none or a few; sometimes byte by byte over a stretch. */
function drawCuts(length: number, random: Random): number[] {
  if (random.chance(0.5)) return [];
  if (random.chance(0.1)) {
    const from = random.below(length);
    return Array.from({ length: Math.min(40, length - from) }, (_, i) => from + i);
  }
  return Array.from({ length: 1 + random.below(5) }, () => random.below(length)).sort((a, b) => a - b);
}
