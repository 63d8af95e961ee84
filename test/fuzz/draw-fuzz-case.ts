import { breakRequest } from '../differential/break-request.ts';
import { drawRequest, insertAnywhere, renderRequest } from '../differential/draw-request.ts';
import type { Random } from '../differential/random.ts';
import { drawReply } from './draw-reply.ts';
import { drawSmuggling } from './draw-smuggling.ts';
import type { FuzzCase } from './fuzz-case.ts';

/** Draws one to five requests, some broken, how they are sent, and what the backend does with them. */
export function drawFuzzCase(random: Random): FuzzCase {
  const count = 1 + random.below(5);
  const broken = random.chance(0.4) ? random.below(count) : -1;
  const requests: string[] = [];
  const ways: string[] = [];
  for (let i = 0; i < count; i++) {
    const request = drawRequest(random);
    // No two requests are alike, so that what comes out can be told apart.
    insertAnywhere(request.lines, `X-N: ${Math.floor(random.next() * 2 ** 32)}`, random);
    if (i !== broken) requests.push(renderRequest(request));
    else if (random.chance(0.4)) {
      const { way, bytes } = drawSmuggling(request, random);
      ways.push(way);
      requests.push(bytes);
    } else {
      ways.push('broken at random');
      requests.push(breakRequest(request, random));
    }
  }
  const replies = requests.map((bytes) => drawReply(random, { isUpgrade: /^upgrade:/im.test(bytes) }));
  const dice = random.next();
  return {
    ...{ requests, ways, replies },
    cuts: drawCuts(requests.join('').length, random),
    ending: dice < 0.94 ? 'last' : dice < 0.97 ? 'fin' : 'reset',
  };
}

/** Mostly none or a few; sometimes byte by byte over a stretch. */
function drawCuts(length: number, random: Random): number[] {
  if (random.chance(0.7)) return [];
  if (random.chance(0.1)) {
    const from = random.below(length);
    return Array.from({ length: Math.min(40, length - from) }, (_, i) => from + i);
  }
  return Array.from({ length: 1 + random.below(4) }, () => random.below(length));
}
