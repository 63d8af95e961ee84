import { piecesOf } from './fuzz-case.ts';
import type { Found } from './run-fuzz.ts';

/** A violation for people: what was broken, the bytes, and how to see it again. */
export function reportFound({ rule, detail, index, one }: Found, seed: number): string {
  return [
    `${rule}: ${detail}`,
    `Again: npm run fuzz -- --seed ${seed} --case ${index}`,
    `Broken: ${one.ways.join(', ') || 'no request'}. The client sent:`,
    ...piecesOf(one).map(quoted),
    `and then: ${one.ending}. The backend was to say:`,
    ...one.replies.map(
      ({ name, pieces, after, when }) => `${name} (${when}, ${after}): ${pieces.map(quoted).join(' + ')}`,
    ),
  ].join('\n  ');
}

/** Latin1 as a literal; long repetitions cut short. */
function quoted(text: string): string {
  return JSON.stringify(text.replace(/(.{1,10}?)\1{20,}/gs, (all, one) => `${one}…(${all.length} bytes)…`));
}
