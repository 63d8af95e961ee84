import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import type { Loaded } from '../../src/model/loaded.ts';

const GOOD = readFileSync(new URL('./fixtures/good/everything.yaml', import.meta.url), 'utf8');
/** Far more than any of these texts may take; only a hang or worse takes as long. */
const MAX_MS = 5_000;

function parse(text: string): Loaded {
  const start = performance.now();
  const loaded = parseRoutes(text, { file: 'routes.yaml', env: { A: '1' }, legacyOnlyFile: null });
  expect(performance.now() - start).toBeLessThan(MAX_MS);
  return loaded;
}

/** A table or an error, and every issue where there is something in the text. */
function expectSound(text: string, { table, issues }: Loaded): void {
  expect(table === null).toBe(issues.some(({ severity }) => severity === 'error'));
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, ''));
  for (const { line, column, width, source, message } of issues) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(source).toBe(lines[line - 1]);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((source ?? '').length + 1);
    expect(width).toBeGreaterThanOrEqual(1);
    expect(message).not.toBe('');
  }
}

describe('whatever is written', () => {
  it('a file cut anywhere is read without falling over', () => {
    fc.assert(
      fc.property(fc.nat(GOOD.length), (length) => {
        const text = GOOD.slice(0, length);
        expectSound(text, parse(text));
      }),
      { numRuns: 150 },
    );
  });

  it('so is one with something in the wrong place', () => {
    const odd = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ':',
        ': ',
        '- ',
        '"',
        "'",
        '*',
        '&a ',
        '!!x ',
        '\t',
        '\n',
        '\r\n',
        '#',
        '|',
        '>',
        '%',
        '@',
      ],
      ...[
        '<<: ',
        '---\n',
        '...\n',
        `$\{`,
        `$\{A}`,
        '\0',
        '\u2028',
        '\uFEFF',
        '😀',
        '\uD800',
        'null',
        '~',
        '1e999',
        '__proto__: 1\n',
      ],
    );
    const edit = fc.tuple(fc.nat(GOOD.length), fc.nat(5), odd);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce(
          (now, [at, cut, put]) => now.slice(0, at) + put + now.slice(at + cut),
          GOOD,
        );
        expectSound(text, parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('so is any YAML of the wrong shape', () => {
    const key = fc.oneof(
      fc.constantFrom(
        'legacy',
        'features',
        'routes',
        'match',
        'to',
        'any',
        'url',
        'stage',
        'headers',
        'canary',
        'share',
      ),
      fc.string({ maxLength: 6 }),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('orders', 'http://x', '/a', 'live', '5s', '10%', true, null, 0, -1, 1.5),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.record({ legacy: value, features: value, routes: value, default: value }), (file) => {
        const text = stringify(file);
        expectSound(text, parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it('so is what opens and never closes', () => {
    for (const opener of ['[', '{', '{a: ', '- ', '? ', '[{', '"', "'", '&a ', '!a ', '*a ', '|\n ', `$\{`]) {
      const text = `legacy: http://legacy\nx: ${opener.repeat(3_000)}`;
      expectSound(text, parse(text));
    }
  });
});

describe('a file made at random from what is allowed', () => {
  const name = fc
    .stringMatching(/^[a-z](?:[a-z0-9-]{0,8}[a-z0-9])?$/)
    .filter((text) => !['legacy', 'none', 'redirect', 'respond'].includes(text));
  const segment = fc.stringMatching(/^[a-z0-9_~.-]{1,6}$/).filter((text) => !/^\.+$/.test(text));
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
  const seconds = fc.integer({ min: 0, max: 3_600 });
  const match = fc.record({
    prefix: path,
    methods: fc.uniqueArray(fc.constantFrom('POST', 'PUT', 'PURGE'), { minLength: 1, maxLength: 3 }),
    query: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9]{0,5}$/), {
      maxKeys: 2,
    }),
  });
  const file = fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain((names) =>
    fc.record({
      names: fc.constant(names),
      timeouts: fc.array(seconds, { minLength: names.length, maxLength: names.length }),
      routes: fc.array(fc.record({ match, to: fc.constantFrom('legacy', ...names), deadline: seconds }), {
        maxLength: 8,
      }),
    }),
  );

  it('becomes the table that it says', () => {
    fc.assert(
      fc.property(file, ({ names, timeouts, routes }) => {
        const features = names.map((feature, i) => [
          feature,
          { url: `http://${feature}:80`, stage: 'done', timeouts: { response: `${timeouts[i]}s` } },
        ]);
        const text = stringify({
          legacy: 'http://legacy',
          features: Object.fromEntries(features),
          routes: routes.map((route) => ({ ...route, deadline: `${route.deadline}s` })),
        });
        const { table, issues } = parse(text);
        expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(Object.keys(table?.features ?? {}).sort()).toEqual([...names].sort());
        for (const [i, feature] of names.entries()) {
          expect(table?.features[feature]?.backend.timeouts.responseMs).toBe((timeouts[i] as number) * 1_000);
        }
        const read = table?.routes.map(({ matches, action, policy }) => ({
          prefix: matches[0]?.path,
          methods: matches[0]?.methods,
          query: matches[0]?.query,
          to: action.kind === 'to' ? (action.feature ?? 'legacy') : '',
          deadline: policy.deadlineMs,
        }));
        expect(read).toEqual(
          routes.map((route) => ({
            prefix: { kind: 'prefix', value: route.match.prefix },
            methods: route.match.methods,
            query: Object.entries(route.match.query).map(([key, value]) => ({
              name: key,
              test: { kind: 'exact', value },
            })),
            to: route.to,
            deadline: route.deadline * 1_000,
          })),
        );
        const routeNames = table?.routes.map((route) => route.name) ?? [];
        expect(new Set(routeNames).size).toBe(routeNames.length);
      }),
      { numRuns: 150 },
    );
  });
});
