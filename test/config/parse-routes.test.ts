import { describe, expect, it } from 'vitest';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import type { Loaded } from '../../src/model/loaded.ts';

const SMALL = 'legacy: http://legacy:8080\n';

function parse(text: string, env: Record<string, string> = {}, legacyOnlyFile: string | null = null): Loaded {
  return parseRoutes(text, { file: 'routes.yaml', env, legacyOnlyFile });
}

describe('parseRoutes', () => {
  it('takes null and empty routes, features and default', () => {
    const { table, issues } = parse(`${SMALL}routes:\nfeatures: {}\ndefault:\n`);
    expect(issues).toEqual([]);
    expect(table?.routes).toEqual([]);
  });

  it('takes noise: 0 without its %, which is nothing of anything', () => {
    const shadow = (noise: string): string =>
      `${SMALL}features:\n  f: { url: http://f, stage: shadow, shadow: { noise: ${noise} } }\n`;
    expect(parse(shadow('0')).table?.features['f']?.shadow?.noise).toBe(0);
    expect(parse(shadow('1')).issues[0]?.message).toContain('must be a percentage');
  });

  it('says which names of the environment it read', () => {
    const text = `legacy: $\{A:-http://legacy}\ntrust_proxies: ["$\{B}"]\n`;
    const { env, table } = parse(text, { B: '10.0.0.0/8', C: 'not read' });
    expect(env).toEqual({ A: null, B: '10.0.0.0/8' });
    expect(table?.trustProxies).toEqual(['10.0.0.0/8']);
  });

  it('types a plain scalar after its expansion, and leaves a quoted one text', () => {
    expect(parse(`${SMALL}debug_headers: $\{ON}\n`, { ON: 'true' }).table?.debugHeaders).toBe(true);
    expect(parse(`${SMALL}debug_headers: "$\{ON}"\n`, { ON: 'true' }).issues[0]?.message).toContain(
      'not the text',
    );
  });

  it('expands the text of conditions and leaves other dollars alone', () => {
    const route = `routes:\n  - match:\n      regex: ^/a$\n      headers:\n        x: $\{N}\n        y: $$\{N}\n    to: legacy\n`;
    const match = parse(SMALL + route, { N: '007' }).table?.routes[0]?.matches[0];
    expect(match?.path).toEqual({ kind: 'regex', source: '^/a$' });
    expect(match?.headers.map(({ test }) => test)).toEqual([
      { kind: 'exact', value: '007' },
      { kind: 'exact', value: `$\{N}` },
    ]);
  });

  describe('revision', () => {
    const revision = (loaded: Loaded): string | undefined => loaded.table?.revision;

    it('is 12 hex digits and follows from the content', () => {
      expect(revision(parse(SMALL))).toMatch(/^[0-9a-f]{12}$/);
      expect(revision(parse(SMALL))).toBe(revision(parse(SMALL)));
      expect(revision(parse(SMALL))).not.toBe(revision(parse(`${SMALL}# a comment\n`)));
    });

    it('changes with the environment that was read, and only with that', () => {
      const text = `legacy: $\{A:-http://legacy}\n`;
      expect(revision(parse(text))).not.toBe(revision(parse(text, { A: 'http://legacy' })));
      expect(revision(parse(text))).toBe(revision(parse(text, { B: 'x' })));
    });

    it('changes with the LEGACY_ONLY file', () => {
      expect(revision(parse(SMALL, {}, ''))).not.toBe(revision(parse(SMALL)));
    });
  });

  describe('legacy_only', () => {
    const FEATURES = 'features:\n  orders: { url: http://orders, stage: live }\n';
    const ROUTES = 'routes:\n  - { name: list, match: { prefix: /l }, to: orders }\n';
    const of = (key: string, file: string | null) =>
      parse(`${SMALL}${FEATURES}${ROUTES}${key}`, {}, file).table?.legacyOnly;

    it.each([
      ['', null, { everything: false, features: [], routes: [] }],
      ['legacy_only: true', null, { everything: true, features: [], routes: [] }],
      ['legacy_only: [orders, list]', null, { everything: false, features: ['orders'], routes: ['list'] }],
      ['', '', { everything: true, features: [], routes: [] }],
      ['', ' \n# why\n', { everything: true, features: [], routes: [] }],
      ['', 'list # the list\r\n', { everything: false, features: [], routes: ['list'] }],
      ['legacy_only: [orders]', 'list\n', { everything: false, features: ['orders'], routes: ['list'] }],
      ['legacy_only: [orders]', '', { everything: true, features: ['orders'], routes: [] }],
    ])('%j with a file of %j', (key, file, expected) => {
      expect(of(key, file)).toEqual(expected);
    });

    it('says what the file spares', () => {
      const text = `${SMALL}features:\n  orders: { url: http://orders, stage: done }\nroutes:\n  - { name: gone, respond: {} }\n`;
      const told = (file: string): string[] =>
        parse(text, {}, file).issues.map((issue) => `${issue.file}:${issue.line} ${issue.message}`);
      expect(told('gone\norders\n')).toEqual([
        'LEGACY_ONLY:1 "gone" is spared: it is a response of the router itself',
        'LEGACY_ONLY:2 "orders" is spared: it is done',
      ]);
      expect(told('')).toEqual([
        expect.stringMatching(/^LEGACY_ONLY:1 all goes to legacy but .*: "gone", "orders"$/),
      ]);
    });

    it('warns of an unknown name in the file, and acts on the others', () => {
      const { table, issues } = parse(`${SMALL}${FEATURES}${ROUTES}`, {}, '# night\n  ordres\norders\n');
      expect(table?.legacyOnly.features).toEqual(['orders']);
      expect(issues).toEqual([
        {
          severity: 'warning',
          file: 'LEGACY_ONLY',
          line: 2,
          column: 3,
          message: 'no feature or route is named "ordres" (did you mean "orders"?)',
          source: '  ordres',
          width: 6,
        },
      ]);
    });
  });

  it('reads anchors, aliases and merge keys', () => {
    const text = `${SMALL}features:
  a: &base { url: http://a, stage: live, timeouts: { response: 5s } }
  b: { <<: *base, url: http://b }
  c: { <<: [{ url: http://c }, *base] }
`;
    const features = parse(text).table?.features;
    expect(features?.['b']?.backend.urls[0]?.host).toBe('b');
    expect(features?.['b']?.backend.timeouts.responseMs).toBe(5_000);
    expect(features?.['c']?.backend.urls[0]?.host).toBe('c');
    expect(features?.['c']?.stage).toBe('live');
  });

  it('says what is wrong with an aliased block once, and nothing of those that share it', () => {
    const routes = 'routes:\n  - { match: { prefix: /b }, to: b }\n';
    const features = 'features:\n  a: &a { url: http://a, stage: live, unknown: 1 }\n  b: *a\n';
    const { issues } = parse(SMALL + features + routes);
    expect(issues.map(({ line, message }) => [line, message.slice(0, 21)])).toEqual([
      [3, 'unknown key "unknown"'],
    ]);
  });

  it('bounds what aliases unfold to, in time and memory', () => {
    const levels = [...Array(30).keys()].slice(1).map(
      (i) =>
        `l${i}: &l${i} [${Array(10)
          .fill(`*l${i - 1}`)
          .join(', ')}]`,
    );
    const before = process.memoryUsage().heapUsed;
    const { table, issues } = parse(['l0: &l0 [x]', ...levels, SMALL].join('\n'));
    expect(table).toBeNull();
    expect(issues.some(({ message }) => message.startsWith('aliases unfold to more'))).toBe(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('refuses what is nested too deeply, without falling over', () => {
    const { issues } = parse(`legacy: ${'['.repeat(100_000)}`);
    expect(issues.length).toBeGreaterThan(0);
  });

  it('does not know names that only look like known ones to an object', () => {
    const { issues } = parse(`${SMALL}routes:\n  - { match: { prefix: /a }, to: toString }\n`);
    expect(issues[0]?.message).toContain('unknown feature "toString"');
  });
});
