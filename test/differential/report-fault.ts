import { type DifferentialCase, piecesOf } from './differential-case.ts';
import type { Run } from './run-case.ts';
import type { Verdict } from './run-many.ts';

/** A fault for people: the bytes, what both sides did, and how to see it again. */
export function reportFault(verdict: Verdict, { seed, index }: { seed: number; index: number }): string {
  const { one, runs, broken, difference } = verdict;
  return [
    broken === null
      ? `The fronts differ in their ${difference?.what} ${difference?.at}.`
      : `Broken: ${broken}.`,
    `Again: DIFFERENTIAL_SEED=${seed} DIFFERENTIAL_CASE=${index} npx vitest run --project unit test/differential`,
    '',
    'The client sent:',
    ...indented(piecesOf(one).map(quoted)),
    `and then: ${one.ending}. The backend was to say:`,
    ...indented(one.answers.map(({ name, after }) => `${name}, then ${after}`)),
    ...describeRun('The wire front', runs.wire),
    ...describeRun('The Fastify front', runs.fastify),
  ].join('\n');
}

/** The case as data, to be put into a test. */
export function caseText(one: DifferentialCase): string {
  return JSON.stringify(one, null, 1);
}

function describeRun(name: string, run: Run): string[] {
  const seen = run.backend.map(
    ({ head, body, isWhole, arrivals }) =>
      `${quoted(head)} + ${quoted(body)}${isWhole ? '' : ' (not whole)'}${arrivals > 1 ? ` × ${arrivals}` : ''}`,
  );
  return [
    '',
    `${name} answered, and left the connection at "${run.ending}":`,
    ...indented(run.bytes.split(/(?=HTTP\/1\.1 )/).map(quoted)),
    'Its backend got:',
    ...indented(seen),
  ];
}

function indented(lines: readonly string[]): string[] {
  return lines.length === 0 ? ['  nothing'] : lines.map((line) => `  ${line}`);
}

/** Latin1 as a literal; long repetitions cut short. */
function quoted(text: string): string {
  return JSON.stringify(text.replace(/(.)\1{60,}/gs, (all, one) => `${one}…(${all.length} times)…`));
}
