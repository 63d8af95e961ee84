import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ComparedAnswer, compareAnswers } from '../../src/compare/compare-answers.ts';
import { answerOf, jsonAnswer, rulesWith } from './answers.ts';

const RULES = rulesWith();
const SAME = { result: 'match', reason: null, differences: [] };

it('finds equal answers equal', () => {
  expect(compareAnswers(jsonAnswer({ a: 1 }), jsonAnswer({ a: 1 }), RULES)).toEqual(SAME);
});

it('says nothing but the status where that differs', () => {
  const error = answerOf('<h1>no</h1>', { type: 'text/html', status: 500 });
  expect(compareAnswers(jsonAnswer({ a: 1 }), error, RULES)).toEqual({
    result: 'mismatch',
    reason: null,
    differences: [{ field: 'status', kind: 'value', legacy: '200', feature: '500', apart: null }],
  });
});

it('compares what follows a status that is not compared', () => {
  const created = { ...jsonAnswer({ a: 2 }), status: 201 };
  const { differences } = compareAnswers(jsonAnswer({ a: 1 }), created, rulesWith({ status: false }));
  expect(differences.map(({ field }) => field)).toEqual(['$.a']);
});

it('counts 501 of the feature as not built, and of both as equal', () => {
  const notBuilt = answerOf('', { status: 501 });
  expect(compareAnswers(jsonAnswer(1), notBuilt, RULES).result).toBe('not_built');
  expect(compareAnswers(notBuilt, notBuilt, RULES).result).toBe('match');
});

it.each([
  [
    'the feature failed',
    { own: { failure: 'reset' } },
    { result: 'error', reason: 'the feature broke off (reset)' },
  ],
  [
    'legacy failed',
    { legacy: { failure: 'reset' } },
    { result: 'skipped', reason: 'legacy broke off (reset)' },
  ],
  [
    'the feature broke off',
    { own: { body: null, noBody: 'broken' } },
    { result: 'error', reason: 'the body of the feature broke off' },
  ],
  [
    'the feature said too much',
    { own: { body: null, noBody: 'too_large' } },
    { result: 'skipped', reason: 'the body of the feature is longer than max_body' },
  ],
  [
    'legacy said too much',
    { legacy: { body: null, noBody: 'too_large' } },
    { result: 'skipped', reason: 'the body of legacy is longer than max_body' },
  ],
  [
    'there was no room',
    { legacy: { body: null, noBody: 'no_room' } },
    { result: 'skipped', reason: 'there was no room to keep the body of legacy' },
  ],
] as const)('says why it could not compare: %s', (_, sides, expected) => {
  const [legacy, own] = [
    { ...jsonAnswer(1), ...('legacy' in sides ? sides.legacy : {}) },
    { ...jsonAnswer(1), ...('own' in sides ? sides.own : {}) },
  ];
  expect(compareAnswers(legacy, own, RULES)).toEqual({ ...expected, differences: [] });
});

it('says that heads differ also where bodies cannot be compared', () => {
  const large = { ...answerOf('', { type: 'text/plain' }), body: null, noBody: 'too_large' as const };
  const { result, differences } = compareAnswers(jsonAnswer(1), large, RULES);
  expect(result).toBe('mismatch');
  expect(differences.map(({ field }) => field)).toEqual(['header content-type']);
});

it('does not count what the router adds to the answer that it serves', () => {
  const rules = rulesWith({ headers: ['set-cookie', 'x-banyan-side'] });
  const own = ['Set-Cookie', 'banyan=17; Path=/', 'x-banyan-side', 'feature'];
  const [served, copy] = [
    [...own, 'Set-Cookie', 'a=1'],
    ['set-cookie', 'a=1'],
  ].map((headers) => answerOf('{}', { headers }));
  expect(compareAnswers(copy as ComparedAnswer, served as ComparedAnswer, rules)).toEqual(SAME);
  const without = answerOf('{}', { headers: own });
  expect(compareAnswers(copy as ComparedAnswer, without, rules).differences).toMatchObject([
    { field: 'header set-cookie', kind: 'missing' },
  ]);
});

it('does not mind how a content type is spelt', () => {
  const one = answerOf('{}', { type: 'application/json;charset=UTF-8' });
  const other = answerOf('{}', { type: 'Application/JSON; charset="utf-8"' });
  expect(compareAnswers(one, other, RULES)).toEqual(SAME);
});

it.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
])('undoes %s', (coding, compress) => {
  const packed = answerOf(compress(Buffer.from('{"a":1.0}')), { headers: ['Content-Encoding', coding] });
  expect(compareAnswers(packed, jsonAnswer({ a: 1 }), RULES)).toEqual(SAME);
});

it('undoes two codings, and not three', () => {
  const twice = gzipSync(brotliCompressSync(Buffer.from('{"a":1}')));
  const packed = answerOf(twice, { headers: ['Content-Encoding', 'br, gzip'] });
  expect(compareAnswers(packed, jsonAnswer({ a: 1 }), RULES)).toEqual(SAME);
  const thrice = answerOf(gzipSync(twice), { headers: ['Content-Encoding', 'br, gzip, gzip'] });
  expect(compareAnswers(thrice, jsonAnswer({ a: 1 }), RULES).result).toBe('skipped');
});

it('gives up on a bomb of compression', () => {
  const zeros = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  expect(zeros.length).toBeLessThan(100_000);
  const bomb = answerOf(zeros, { headers: ['Content-Encoding', 'gzip'] });
  expect(compareAnswers(jsonAnswer(1), bomb, RULES)).toEqual({
    result: 'skipped',
    reason: 'too large when decoded',
    differences: [],
  });
  const nested = answerOf(gzipSync(zeros), { headers: ['Content-Encoding', 'gzip, gzip'] });
  expect(compareAnswers(jsonAnswer(1), nested, RULES).reason).toBe('too large when decoded');
});

it('holds a coding that is broken against the feature', () => {
  const broken = answerOf('no gzip', { headers: ['Content-Encoding', 'gzip'] });
  expect(compareAnswers(jsonAnswer(1), broken, RULES).differences).toMatchObject([
    { field: 'body', kind: 'type' },
  ]);
  expect(compareAnswers(broken, jsonAnswer(1), RULES).result).toBe('skipped');
});

it('compares bytes by their bytes', () => {
  const one = answerOf(Buffer.from([1, 2, 3]), { type: 'image/png' });
  const other = answerOf(Buffer.from([1, 2, 4]), { type: 'image/png' });
  expect(compareAnswers(one, one, RULES)).toEqual(SAME);
  expect(compareAnswers(one, other, RULES).differences).toMatchObject([{ field: 'body', kind: 'value' }]);
});

it('compares no bodies where none are to be compared', () => {
  expect(compareAnswers(jsonAnswer(1), jsonAnswer(2), rulesWith({ body: 'none' }))).toEqual(SAME);
});

it('says that a document became something else', () => {
  const page = answerOf('<p>sorry</p>');
  expect(compareAnswers(jsonAnswer(1), page, RULES).differences).toEqual([
    { field: 'body', kind: 'type', legacy: 'JSON', feature: 'no JSON: <p>sorry</p>', apart: null },
  ]);
});

it('compares what only says that it is JSON as text', () => {
  expect(compareAnswers(answerOf('{"a":1'), answerOf('{"a":1'), RULES)).toEqual(SAME);
  expect(compareAnswers(answerOf('{"a": 1'), answerOf('{"a":  1'), RULES)).toEqual(SAME);
  expect(compareAnswers(answerOf('{"a": 1'), answerOf('{"a": 2'), RULES).result).toBe('mismatch');
});

it('reads charsets', () => {
  const latin = answerOf(Buffer.from('caf\u00e9', 'latin1'), { type: 'text/plain; charset=iso-8859-1' });
  const utf8 = answerOf('caf\u00e9', { type: 'text/plain; charset=utf-8' });
  expect(compareAnswers(latin, utf8, rulesWith({ headers: [] }))).toEqual(SAME);
});

it('loses nothing of what is not in its charset', () => {
  for (const type of [
    'application/json',
    'text/plain',
    'text/html; charset=utf-8',
    'text/plain; charset=x',
  ]) {
    const [one, other] = ['"caf\u00e9"', '"caf\u00e8"'].map((text) =>
      answerOf(Buffer.from(text, 'latin1'), { type }),
    );
    expect(compareAnswers(one as ComparedAnswer, other as ComparedAnswer, RULES).result).toBe('mismatch');
  }
});

it('shows nothing of a broken document that may hold what is redacted', () => {
  const rules = rulesWith({ redact: ['$..customer', 'Hello [^<]+'] });
  const [broken, other] = ['{"customer":"Jo","a":1,', '{"customer":"Jo","a":2,'].map((text) =>
    answerOf(text),
  );
  for (const pair of [
    [jsonAnswer({ customer: 'Jo' }), broken],
    [broken, other],
  ] as [ComparedAnswer, ComparedAnswer][]) {
    const { result, differences } = compareAnswers(...pair, rules);
    expect(result).toBe('mismatch');
    expect(JSON.stringify(differences)).not.toContain('Jo');
  }
  const page = answerOf('<p>Hello Jo</p>');
  const [difference] = compareAnswers(
    jsonAnswer(1),
    page,
    rulesWith({ redact: ['Hello [^<]+'] }),
  ).differences;
  expect(difference?.feature).toBe('no JSON: <p>*** ***</p>');
});

it('shows what is redacted by a regex in no value either', () => {
  const rules = rulesWith({ redact: ['[0-9]{3}-[0-9]{4}'], headers: ['x-a'] });
  const [one, other] = ['111-2222', '333-4444'].map((number) => ({
    ...jsonAnswer({ call: `${number} now`, list: [{ n: number }] }),
    headers: ['Content-Type', 'application/json', 'X-A', `to ${number}`],
  }));
  const { differences } = compareAnswers(one as ComparedAnswer, other as ComparedAnswer, rules);
  expect(differences.map(({ legacy, feature }) => [legacy, feature])).toEqual([
    ['to ***', 'to ***'],
    ['"*** now"', '"*** now"'],
    ['"***"', '"***"'],
  ]);
});

it('says something of whatever two bodies are, and that equal ones are equal', () => {
  const types = fc.constantFrom('application/json', 'text/html', 'image/png', '', 'text/plain; charset=x');
  const codings = fc.constantFrom('', 'gzip', 'br', 'deflate', 'br, gzip', 'unheard-of');
  const texts = fc.constantFrom(
    '{"a":[1,{"b":null}]}',
    '[[[',
    '<p a="b">c</p><',
    '{"a":1e999}',
    '\u0000number 1',
  );
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    texts.map((text) => Buffer.from(text)),
  );
  const answers = fc.record({ type: types, coding: codings, body: bodies }).map(({ type, coding, body }) => ({
    ...answerOf(body, { headers: ['Content-Encoding', coding] }),
    headers: ['Content-Type', type, 'Content-Encoding', coding],
  }));
  const rules = rulesWith({ ignore: ['$..a', 'b+'], unordered: ['$..*'], tolerance: [['$..*', 1]] });
  fc.assert(
    fc.property(answers, answers, (one, other) => {
      expect(compareAnswers(one, one, rules)).toEqual(SAME);
      const { result, reason, differences } = compareAnswers(one, other, rules);
      expect(differences.length > 0).toBe(result === 'mismatch');
      expect(reason !== null).toBe(result === 'skipped');
    }),
    { numRuns: 500 },
  );
});

it('looks at what an answer without a type is', () => {
  const untyped = (text: string) => ({ ...answerOf(text), headers: [] });
  expect(compareAnswers(untyped('{"a":1}'), untyped('{ "a": 1 }'), RULES)).toEqual(SAME);
  expect(compareAnswers(untyped('a b'), untyped('a  b'), RULES).differences).toMatchObject([
    { field: 'body' },
  ]);
});
