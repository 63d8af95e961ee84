import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareJson } from '../../src/compare/compare-json.ts';
import type { JsonValue } from '../../src/compare/json-value.ts';
import { parseJson } from '../../src/compare/json-value.ts';
import type { CompareRules } from '../../src/model/shadow-block.ts';
import { rulesWith } from './answers.ts';

function compared(legacy: unknown, feature: unknown, rules: Partial<CompareRules> = {}) {
  return compareJson(legacy as JsonValue, feature as JsonValue, rulesWith(rules).json);
}

/** `field kind` of each. */
function fields(legacy: unknown, feature: unknown, rules: Partial<CompareRules> = {}): string[] {
  return compared(legacy, feature, rules).map(({ field, kind }) => `${field} ${kind}`);
}

const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const json = fc.jsonValue({ maxDepth: 4 });
const key = fc.stringMatching(/^[a-z]{1,6}$/);

describe('equal documents', () => {
  it('are equal, whatever the order of their keys', () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, inner]) => [name, turned(inner)]),
      );
    };
    fc.assert(
      fc.property(json, (value) => {
        const other = turned(copyOf(value));
        expect(compared(copyOf(value), other)).toEqual([]);
        expect(compared(other, copyOf(value))).toEqual([]);
      }),
    );
  });

  it('are equal under any rules', () => {
    const rules = {
      unordered: ['$..*'],
      tolerance: [['$..*', 0.5]] as const,
      ignore: ['$.a'],
      redact: ['$..b'],
    };
    fc.assert(
      fc.property(json, (value) => {
        expect(compared(value, copyOf(value), rules)).toEqual([]);
      }),
    );
  });
});

describe('a document that was changed', () => {
  it('differs, and as much the other way round', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(compared(one, other).length > 0).toBe(!isSame);
        expect(compared(other, one).length > 0).toBe(!isSame);
      }),
    );
  });

  it('differs in just the field that was changed', () => {
    fc.assert(
      fc.property(fc.dictionary(key, json, { minKeys: 1, maxKeys: 8 }), fc.nat(), (value, n) => {
        const names = Object.keys(value);
        const name = names[n % names.length] as string;
        const { [name]: _, ...without } = value;
        const kind = value[name] === null ? 'null' : 'missing';
        expect(fields(value, without)).toEqual([`$.${name} ${kind}`]);
        expect(fields(value, { ...value, [name]: 'another' })).toHaveLength(1);
      }),
    );
  });
});

describe('lists', () => {
  const ids = fc.uniqueArray(fc.nat(1_000), { minLength: 2, maxLength: 20 });
  const entriesOf = (list: readonly number[]) => list.map((id) => ({ id, name: `n${id}`, tags: ['a', id] }));

  it('in another order differ in nothing but their order', () => {
    const shuffled = ids.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        const isSame = list.every((id, i) => id === other[i]);
        const order = isSame ? [] : ['$.items order'];
        expect(fields({ items: entriesOf(list) }, { items: entriesOf(other) })).toEqual(order);
        expect(fields({ items: list }, { items: other })).toEqual(order);
        const rules = { unordered: ['$.items'] };
        expect(fields({ items: entriesOf(list) }, { items: entriesOf(other) }, rules)).toEqual([]);
        expect(fields({ items: list }, { items: other }, rules)).toEqual([]);
      }),
    );
  });

  it('that lack an entry differ in that alone', () => {
    fc.assert(
      fc.property(ids, fc.nat(), (list, n) => {
        const less = list.filter((_, i) => i !== n % list.length);
        expect(fields({ items: entriesOf(list) }, { items: entriesOf(less) })).toEqual(['$.items entries']);
        expect(fields({ items: entriesOf(less) }, { items: entriesOf(list) })).toEqual(['$.items entries']);
      }),
    );
  });

  it('are compared entry by entry also in another order', () => {
    const legacy = [
      { id: 1, price: 1.1, origin: 'DE' },
      { id: 2, price: 2.2, origin: 'FR' },
    ];
    const feature = [
      { id: 2, price: 2.21 },
      { id: 1, price: 1.1 },
    ];
    expect(compared({ items: legacy }, { items: feature })).toEqual([
      { field: '$.items', kind: 'order', legacy: 'id: 1, 2', feature: 'id: 2, 1', apart: null },
      { field: '$.items[*].origin', kind: 'missing', legacy: '"DE"', feature: null, apart: null },
      expect.objectContaining({ field: '$.items[*].price', kind: 'value', legacy: '2.2', feature: '2.21' }),
    ]);
  });

  it('of lists keep the rules of the inner ones', () => {
    expect(fields([[1, 2], [3]], [[2, 1], [3]], { unordered: ['$[0]'] })).toEqual([]);
    expect(fields([[1, 2], [3]], [[2, 1], [3]])).toEqual(['$[*] order']);
  });

  it('may repeat entries', () => {
    expect(fields([1, 1, 2], [1, 2, 2])).toEqual(['$[*] value']);
    expect(fields([1, 1], [1])).toEqual(['$ entries']);
  });
});

describe('lists with entries that are ignored', () => {
  const [ad, other] = [
    { id: 1, kind: 'ad' },
    { id: 9, kind: 'ad' },
  ];
  const [two, three] = [
    { id: 2, kind: 'product' },
    { id: 3, kind: 'product' },
  ];
  const ignore = ["$[?@.kind == 'ad']"];

  it('are compared without them, wherever they stand and however many there are', () => {
    expect(fields([ad, two, three], [two, three], { ignore })).toEqual([]);
    expect(fields([two, three], [two, other, three], { ignore })).toEqual([]);
    expect(fields([ad, two], [two, other], { ignore })).toEqual([]);
    expect(fields([1, 2, 3], [1, 2], { ignore: ['$[2]'] })).toEqual([]);
    expect(fields([1, 2, 3], [], { ignore: ['$[*]'] })).toEqual([]);
    expect(fields([[ad, two]], [[two]], { ignore: ["$[0][?@.kind == 'ad']"], unordered: ['$'] })).toEqual([]);
  });

  it('differ in the others all the same', () => {
    expect(fields([ad, two], [three, ad], { ignore })).not.toEqual([]);
    expect(fields([ad, two], [ad], { ignore })).toEqual(['$ entries']);
    expect(fields([ad, two, three], [three, two], { ignore })).toEqual(['$ order']);
  });

  it('are not told apart by a field that is ignored', () => {
    const legacy = [
      { id: 1, name: 'a', price: 1 },
      { id: 2, name: 'b', price: 2 },
    ];
    const feature = [
      { id: 2, name: 'a', price: 1 },
      { id: 1, name: 'b', price: 9 },
    ];
    expect(fields(legacy, feature, { ignore: ['$..id'] })).toEqual(['$[*].price value']);
  });
});

describe('lists whose order does not count', () => {
  it('have equal entries within tolerances', () => {
    const rules = { unordered: ['$'], tolerance: [['$..*', 0.01]] as const };
    expect(fields([1, 2], [2.001, 1.001], rules)).toEqual([]);
    expect(fields([{ p: 1 }, { p: 2 }], [{ p: 2.001 }, { p: 1.001 }], rules)).toEqual([]);
    expect(fields([1, 2, 3], [3.001, 1.001, 5], rules)).toEqual(['$[*] value']);
    expect(fields([1, 2], [2.001, 1.001], { ...rules, unordered: [] })).toEqual(['$ order']);
  });

  it('have equal entries where null is nothing', () => {
    const rules = { unordered: ['$'], nullIsMissing: true };
    expect(fields([{ x: [1] }, { x: [2], n: null }], [{ x: [2] }, { x: [1], n: null }], rules)).toEqual([]);
  });
});

describe('numbers', () => {
  it('within the tolerance are equal, beyond it they are not', () => {
    const cents = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(cents, fc.integer({ min: -5, max: 5 }), fc.nat(4), (amount, off, tolerance) => {
        const rules = { tolerance: [['$.total', tolerance / 100]] as const };
        const isNear = Math.abs(off) <= tolerance;
        const legacy = { total: amount / 100 };
        const feature = { total: (amount + off) / 100 };
        expect(compared(legacy, feature, rules)).toHaveLength(isNear ? 0 : 1);
      }),
    );
  });

  it('may be spelt as texts', () => {
    const rules = { tolerance: [['$.total', 0.01]] as const };
    expect(fields({ total: '10.00' }, { total: '10.01' }, rules)).toEqual([]);
    expect(fields({ total: '10.00' }, { total: '10.02' }, rules)).toEqual(['$.total value']);
    expect(fields({ total: '10.00' }, { total: 10 }, rules)).toEqual(['$.total type']);
  });

  it('say how far they are apart at most', () => {
    const [difference] = compared(
      [
        { id: 1, p: 1 },
        { id: 2, p: 5 },
      ],
      [
        { id: 1, p: 2 },
        { id: 2, p: 8 },
      ],
    );
    expect(difference).toMatchObject({ field: '$[*].p', legacy: '5', feature: '8', apart: 3 });
  });

  it('of many digits keep the last', () => {
    const [one, other] = ['{"id":12345678901234567}', '{"id":12345678901234568}'].map(parseJson);
    expect(compared(one, one)).toEqual([]);
    expect(compared(one, other)).toMatchObject([
      { field: '$.id', kind: 'value', legacy: '12345678901234567', feature: '12345678901234568' },
    ]);
    expect(parseJson('["12345678901234567890 \\" 1"]')).toEqual(['12345678901234567890 " 1']);
  });

  it('of many digits have no distance that a double could tell', () => {
    const [one, other] = ['9007199254740993', '9007199254740992'].map(parseJson);
    expect(compared(one, other)).toMatchObject([{ field: '$', kind: 'value', apart: null }]);
    expect(compared('007', '7')).toMatchObject([{ kind: 'value', apart: null }]);
  });

  it.each(['1e16', '10000000000000000.0'])('are equal to 10000000000000000 when spelt %s', (spelt) => {
    expect(compared(parseJson('10000000000000000'), parseJson(spelt))).toEqual([]);
  });

  it('that are the whole document have a tolerance too', () => {
    expect(compared(1, 1.5, { tolerance: [['$', 0.5]] })).toEqual([]);
    expect(fields(1, 1.6, { tolerance: [['$', 0.5]] })).toEqual(['$ value']);
  });
});

describe('null and nothing', () => {
  it('differ in a way of their own, unless they are the same', () => {
    expect(fields({ a: null }, {})).toEqual(['$.a null']);
    expect(fields({}, { a: null })).toEqual(['$.a null']);
    expect(fields({ a: null }, {}, { nullIsMissing: true })).toEqual([]);
    expect(fields({ a: null }, { a: 0 }, { nullIsMissing: true })).toEqual(['$.a type']);
  });
});

describe('paths', () => {
  it('take out what is ignored, wherever it is', () => {
    const legacy = { id: 1, at: 't1', items: [{ id: 2, at: 't2', x: 1 }] };
    const feature = { id: 9, at: 't3', items: [{ id: 8, x: 1 }] };
    expect(fields(legacy, feature, { ignore: ['$..id', '$.at', '$.items[*].at'] })).toEqual([]);
    expect(fields(legacy, feature, { ignore: ['$'] })).toEqual([]);
  });

  it('may ask for values', () => {
    const legacy = {
      items: [
        { kind: 'ad', text: 'a' },
        { kind: 'hit', text: 'b' },
      ],
    };
    const feature = {
      items: [
        { kind: 'ad', text: 'x' },
        { kind: 'hit', text: 'b' },
      ],
    };
    expect(fields(legacy, feature, { ignore: ["$.items[?@.kind == 'ad'].text"] })).toEqual([]);
    expect(fields(legacy, feature, { ignore: ["$.items[?match(@.kind, 'a.')].text"] })).toEqual([]);
    expect(fields(legacy, feature, { ignore: ["$.items[?search(@.kind, 'i')].text"] })).toEqual([
      '$.items[*].text value',
    ]);
  });

  it('cannot be made slow by what an answer says', () => {
    const text = `${'a'.repeat(5_000)}!`;
    const before = performance.now();
    fields({ a: [text] }, { a: ['b'] }, { ignore: ["$.a[?match(@, '(a*)*b')]"] });
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('fields', () => {
  it('of mappings by id are one', () => {
    const legacy = {
      users: { 17: { a: 1 }, '0b6f3c1e-1111-4222-8333-444455556666': { a: 1 }, 'x@y.zz': { a: 1 } },
    };
    const feature = {
      users: { 17: { a: 2 }, '0b6f3c1e-1111-4222-8333-444455556666': { a: 2 }, 'x@y.zz': { a: 2 } },
    };
    expect(fields(legacy, feature)).toEqual(['$.users[*].a value']);
  });

  it('of mappings with very many keys are one', () => {
    const many = (value: number) =>
      Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`plant_${i}x`, { p: value }]));
    expect(fields({ prices: many(1) }, { prices: many(2) })).toEqual(['$.prices[*].p value']);
  });

  it('have names that are paths, and not too long', () => {
    const deep = (depth: number, leaf: unknown): unknown =>
      depth === 0 ? leaf : { "it's a [key]": deep(depth - 1, leaf) };
    for (const { field } of compared(deep(40, 1), deep(40, 2))) {
      expect(field.length).toBeLessThanOrEqual(260);
      expect(fields(deep(40, 1), deep(40, 2), { ignore: [field] })).toEqual([]);
    }
  });

  it('can be pasted as what is ignored', () => {
    fc.assert(
      fc.property(json, json, (one, other) => {
        const ignore = compared(one, other).map(({ field }) => field);
        expect(compared(one, other, { ignore })).toEqual([]);
      }),
    );
  });

  it('named like those of every object are none', () => {
    expect(fields({ a: 1 }, { a: 1, constructor: 2, toString: 3 })).toHaveLength(2);
    const proto = parseJson('{"__proto__":{"a":1}}');
    expect(compared(proto, parseJson('{"__proto__":{"a":1}}'))).toEqual([]);
    expect(compared(proto, {})).toHaveLength(1);
  });
});

describe('very different documents', () => {
  it('say that there is more than is listed, which noise of the listed does not cover', () => {
    const many = (value: number) =>
      Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`f${i}`, value]));
    const found = fields(many(1), many(2));
    expect(found).toHaveLength(51);
    expect(found.at(-1)).toBe('more fields value');
    expect(fields(many(1), { ...many(1), f7: 2 })).toEqual(['$.f7 value']);
  });
});

describe('values shown', () => {
  it('never hold what is redacted', () => {
    const secret = 'hush-hush';
    const legacy = {
      password: secret,
      user: { token: secret, email: 'jo@shop.test', list: [{ apiKey: secret }] },
      card: { n: secret },
      gone: { session: secret, deep: [{ auth_token: secret }], note: secret },
      ids: [{ id: secret }, { id: 'b' }],
    };
    const feature = {
      password: 'x',
      user: { token: 'x', email: 'al@shop.test', list: [{ apiKey: 'x' }] },
      card: { n: 'x' },
      ids: [{ id: 'b' }, { id: 'c' }],
    };
    const rules = { redact: ['$.card', '$.gone.note', '$.ids[*].id'] };
    const shown = JSON.stringify(compared(legacy, feature, rules));
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('shop.test');
    expect(shown).toContain('***');
  });

  it('do not name keys of what is secret, nor keys that look like secrets', () => {
    const token = 'a1b2'.repeat(10);
    expect(fields({ sessions: { jo: 1 } }, { sessions: {} })).toEqual(['$.sessions[*] missing']);
    expect(fields({ [token]: 1 }, {})).toEqual(['$[*] missing']);
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return ['object', entries.map(([name, inner]) => [name, sorted(inner)])];
}
