import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareJson } from '../../src/compare/compare-json.ts';
import { compileJsonPath, found } from '../../src/compare/json-paths.ts';
import type { JsonValue } from '../../src/compare/json-value.ts';
import { rulesWith } from './answers.ts';

/** Whether two documents differ, held against a plain reading: each is written out by the rules, and the texts compared. */

interface Rules {
  readonly ignore: string[];
  readonly unordered: string[];
  readonly nullIsMissing: boolean;
}

const key = fc.constantFrom('a', 'b', 'c', 'id', 'n', 'k');
const leaf = fc.oneof(
  fc.constant(null),
  fc.nat({ max: 3 }),
  fc.constantFrom('x', 'y', '1'),
  fc.boolean(),
) as fc.Arbitrary<JsonValue>;
const { document } = fc.letrec<{ document: JsonValue }>((tie) => ({
  document: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(key, tie('document'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const rulesOf: fc.Arbitrary<Rules> = fc.record({
  ignore: fc.subarray(['$..a', '$.b', '$[*].c', '$..id', '$.b[*]', '$[0]', '$..n[1]', '$..[?@.k == 1]']),
  unordered: fc.subarray(['$', '$..*', '$.b', '$[*]', '$..c']),
  nullIsMissing: fc.boolean(),
});

function turned(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(turned).reverse();
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, inner]) => [name, turned(inner)]));
}

function writtenOut(whole: JsonValue, { ignore, unordered, nullIsMissing }: Rules): string {
  const places = (paths: readonly string[]) => paths.flatMap((path) => found(compileJsonPath(path), whole));
  const ignored = places(ignore).map(({ place }) => place);
  const isIgnored = (holder: object, name: string | number): boolean =>
    ignored.some((place) => place?.holder === holder && place.key === name);
  const anyOrder = new Set(places(unordered).map(({ value }) => value));
  const text = (value: JsonValue): string => {
    if (Array.isArray(value)) {
      const entries = value.filter((_, i) => !isIgnored(value, i)).map(text);
      return `[${(anyOrder.has(value) ? entries.sort() : entries).join()}]`;
    }
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const fields = Object.entries(value).filter(
      ([name, inner]) => !isIgnored(value, name) && !(nullIsMissing && inner === null),
    );
    return `{${fields
      .map(([name, inner]) => `${name}:${text(inner)}`)
      .sort()
      .join()}}`;
  };
  return text(whole);
}

it('finds a difference where there is one by the rules, and none where there is none', () => {
  const unlike = fc.tuple(document, document);
  const alike = document.map((value) => [value, turned(value)] as const);
  const seen = { same: 0, other: 0 };
  fc.assert(
    fc.property(fc.oneof(unlike, alike), rulesOf, ([one, other], rules) => {
      // Nothing that one document holds is held by the other too.
      const [legacy, feature] = [structuredClone(one), structuredClone(other)];
      const isSame = writtenOut(legacy, rules) === writtenOut(feature, rules);
      expect(compareJson(legacy, feature, rulesWith(rules).json).length === 0).toBe(isSame);
      seen[isSame ? 'same' : 'other']++;
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.same, seen.other)).toBeGreaterThan(200);
});
