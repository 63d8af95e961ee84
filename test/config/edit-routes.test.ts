import { describe, expect, it } from 'vitest';
import type { RoutesChange } from '../../src/config/edit-change.ts';
import { type Edited, editRoutes } from '../../src/config/edit-routes.ts';

function run(text: string, change: RoutesChange, env: Record<string, string> = {}): Edited {
  return editRoutes({ text, file: 'routes.yaml', env, legacyOnlyFile: null }, change);
}

/** The new text. @throws when there is none. */
function edited(text: string, change: RoutesChange): string {
  const result = run(text, change);
  if (result.kind !== 'changed') throw new Error(JSON.stringify(result, null, 1));
  return result.text;
}

function refusal(text: string, change: RoutesChange, env?: Record<string, string>): string {
  const result = run(text, change, env);
  if (result.kind === 'refused') return `${result.issue.line}: ${result.issue.message}`;
  throw new Error(JSON.stringify(result, null, 1));
}

const stage = (
  name: string,
  to: 'legacy' | 'live' | 'done' | 'canary',
  share: string | null = null,
): RoutesChange => ({
  kind: 'stage',
  feature: name,
  stage: to,
  share,
});

const ROUTE = 'routes:\n  - match: { prefix: /o }\n    to: orders\n';
/** A file whose feature is written like this, with a route to it. */
const file = (feature: string): string => `legacy: http://legacy:8080\nfeatures:\n${feature}${ROUTE}`;

describe('a stage', () => {
  it.each([
    [
      'a word',
      '  orders:\n    url: http://x\n    stage: legacy\n',
      '  orders:\n    url: http://x\n    stage: live\n',
    ],
    [
      'a word with a comment',
      '  orders:\n    url: http://x\n    stage: legacy    # the word that moves\n',
      '  orders:\n    url: http://x\n    stage: live    # the word that moves\n',
    ],
    [
      'in double quotes',
      '  orders:\n    stage: "legacy"\n    url: http://x\n',
      '  orders:\n    stage: "live"\n    url: http://x\n',
    ],
    [
      'in single quotes',
      "  orders: { stage: 'legacy', url: http://x }\n",
      "  orders: { stage: 'live', url: http://x }\n",
    ],
    [
      'with escapes',
      '  orders: { stage: "\\x6cegacy", url: http://x }\n',
      '  orders: { stage: "live", url: http://x }\n',
    ],
    [
      'folded',
      '  orders:\n    stage: >- # legacy\n      legacy\n    url: http://x\n',
      '  orders:\n    stage: >- # legacy\n      live\n    url: http://x\n',
    ],
    [
      'with a tag',
      '  orders: { stage: !!str legacy, url: http://x }\n',
      '  orders: { stage: !!str live, url: http://x }\n',
    ],
    [
      'with an anchor of nobody else',
      '  orders: { stage: &s legacy, url: http://x }\n',
      '  orders: { stage: &s live, url: http://x }\n',
    ],
    [
      'on the next line',
      '  orders:\n    stage:\n      legacy\n    url: http://x\n',
      '  orders:\n    stage:\n      live\n    url: http://x\n',
    ],
    [
      'with a quoted key',
      '  "orders":\n    "stage": legacy\n    url: http://x\n',
      '  "orders":\n    "stage": live\n    url: http://x\n',
    ],
    [
      'in flow style',
      '  orders: { url: http://x, stage: legacy }  # c\n',
      '  orders: { url: http://x, stage: live }  # c\n',
    ],
    [
      'over lines in flow style',
      '  orders: {\n    url: http://x,\n    stage: legacy # c\n  }\n',
      '  orders: {\n    url: http://x,\n    stage: live # c\n  }\n',
    ],
  ])('%s is replaced', (_, before, after) => {
    expect(edited(file(before), stage('orders', 'live'))).toBe(file(after));
  });

  it.each([
    [
      'after the url',
      '  orders:\n    url: http://x   # c\n    timeouts: { connect: 1s }\n',
      '  orders:\n    url: http://x   # c\n    stage: done\n    timeouts: { connect: 1s }\n',
    ],
    [
      'after urls',
      '  orders:\n    urls:\n      - http://x\n      - http://y   # c\n    # end\n',
      '  orders:\n    urls:\n      - http://x\n      - http://y   # c\n    stage: done\n    # end\n',
    ],
    ['in flow style', '  orders: { url: http://x }\n', '  orders: { url: http://x, stage: done }\n'],
    [
      'after a comma in flow style',
      '  orders: { url: http://x, }\n',
      '  orders: { url: http://x, stage: done, }\n',
    ],
    ['as JSON', '  orders: {"url": "http://x"}\n', '  orders: {"url": "http://x", "stage": "done"}\n'],
    [
      'at any indentation',
      '     orders:\n       url: http://x\n',
      '     orders:\n       url: http://x\n       stage: done\n',
    ],
  ])('that is missing is put in: %s', (_, before, after) => {
    expect(edited(file(before), stage('orders', 'done'))).toBe(file(after));
  });

  it.each([
    ['plain', '  orders: http://x\n', '  orders:\n    url: http://x\n    stage: done\n'],
    ['with a comment', '  orders:   http://x  # c\n', '  orders:\n    url: http://x  # c\n    stage: done\n'],
    ['quoted', '  orders: "http://x"\n', '  orders:\n    url: "http://x"\n    stage: done\n'],
    [
      'with an anchor',
      '  orders: &o http://x\n  other: *o\n',
      '  orders:\n    url: &o http://x\n    stage: done\n  other: *o\n',
    ],
    [
      'of the environment',
      `  orders: \${U:-http://x}\n`,
      `  orders:\n    url: \${U:-http://x}\n    stage: done\n`,
    ],
    [
      'an alias',
      '  other: &o http://x\n  orders: *o\n',
      '  other: &o http://x\n  orders: { url: *o, stage: done }\n',
    ],
    [
      'indented by four',
      '    orders: http://x\n',
      '    orders:\n        url: http://x\n        stage: done\n',
    ],
  ])('of a feature that is just its url makes a mapping of it: %s', (_, before, after) => {
    expect(edited(file(before), stage('orders', 'done'))).toBe(file(after));
  });

  it('of a feature in a flow mapping of features', () => {
    const before = 'legacy: http://l\nfeatures: { orders: http://x, a: http://a }\n';
    const after = 'legacy: http://l\nfeatures: { orders: { url: http://x, stage: done }, a: http://a }\n';
    expect(edited(before, stage('orders', 'done'))).toBe(after);
  });

  it('of a file that is JSON', () => {
    const before = '{"legacy": "http://l", "features": {"orders": {"url": "http://x", "stage": "legacy"}}}';
    expect(edited(before, stage('orders', 'live'))).toBe(
      before.replace('"stage": "legacy"', '"stage": "live"'),
    );
  });

  it('keeps line ends, a byte order mark and a missing last line end', () => {
    const before = '\uFEFFlegacy: http://l\r\nfeatures:\r\n  orders:\r\n    url: http://x';
    expect(edited(before, stage('orders', 'done'))).toBe(`${before}\r\n    stage: done`);
    const just = 'legacy: http://l\r\nfeatures:\r\n  orders: http://x\r\n';
    expect(edited(just, stage('orders', 'done'))).toBe(
      'legacy: http://l\r\nfeatures:\r\n  orders:\r\n    url: http://x\r\n    stage: done\r\n',
    );
  });

  it('that an alias gives is written out, and nobody else changes', () => {
    const before =
      'legacy: http://l\nfeatures:\n  a: { url: http://a, stage: &s live }\n  orders: { url: http://x, stage: *s }\n';
    expect(edited(before, stage('orders', 'legacy'))).toBe(before.replace('*s', 'legacy'));
    expect(refusal(before, stage('a', 'legacy'))).toBe(
      '3: cannot be edited by itself: orders would change with it, by an anchor that they share',
    );
  });

  it('that a merge gives is overridden, and one that is merged elsewhere stays', () => {
    const before =
      'legacy: http://l\nfeatures:\n  a: &a\n    url: http://a\n    stage: live\n  b:\n    <<: *a\n  c: *a\n';
    expect(edited(before, stage('b', 'legacy'))).toBe(
      before.replace('<<: *a\n', '<<: *a\n    stage: legacy\n'),
    );
    expect(edited(before, stage('c', 'legacy'))).toBe(
      before.replace('c: *a', 'c: { <<: *a, stage: legacy }'),
    );
    expect(refusal(before, stage('a', 'legacy'))).toMatch(/^5: .* b and c would change with it/);
  });

  it('of the environment is refused, with where it comes from', () => {
    const before = file(`  orders:\n    url: http://x\n    stage: \${STAGE:-live}\n`);
    expect(refusal(before, stage('orders', 'legacy'))).toBe(
      '5: cannot be edited by itself: the stage of "orders" comes from the environment, as ${STAGE:-live}: set it there, or write the word into the file',
    );
    expect(run(before, stage('orders', 'live')).kind).toBe('already');
  });

  it('that is there is already so', () => {
    const before = file('  orders: http://x\n');
    expect(run(before, stage('orders', 'live')).kind).toBe('already');
    expect(run(edited(before, stage('orders', 'legacy')), stage('orders', 'legacy')).kind).toBe('already');
  });

  it('in a broken file changes nothing', () => {
    const result = run(file('  orders: http://x\n  orders: http://y\n'), stage('orders', 'legacy'));
    expect(result).toMatchObject({ kind: 'broken', issues: [{ severity: 'warning' }, { line: 4 }] });
  });
});

type Carve = Extract<RoutesChange, { kind: 'carve' }>;
const carve = (to: string, path: string, more: Partial<Carve> = {}): RoutesChange => ({
  kind: 'carve',
  to,
  url: null,
  path: { kind: 'prefix', value: path },
  methods: [],
  hosts: [],
  name: null,
  ...more,
});
const newOne = { url: 'http://pay:3000' };

describe('a carve-out', () => {
  it('makes features and routes where there are none', () => {
    expect(edited('legacy: http://l   # the monolith', carve('pay', '/pay', newOne))).toBe(
      'legacy: http://l   # the monolith\n\nfeatures:\n  pay:\n    url: http://pay:3000\n    stage: legacy\n\nroutes:\n  - match:\n      prefix: /pay\n    to: pay',
    );
    expect(edited('legacy: http://l\ndebug_headers: true\n', carve('pay', '/pay', newOne))).toBe(
      'legacy: http://l\n\nfeatures:\n  pay:\n    url: http://pay:3000\n    stage: legacy\n\nroutes:\n  - match:\n      prefix: /pay\n    to: pay\n\ndebug_headers: true\n',
    );
  });

  it.each([
    ['nothing', 'features:\nroutes:\n'],
    ['nothing but comments', 'features:   # none yet\n\nroutes: # nor these\n'],
    ['null', 'features: null\nroutes: ~\n'],
    ['empty braces', 'features: {}\nroutes: []\n'],
  ])('fills in %s', (_, empty) => {
    const filled = edited(`legacy: http://l\n${empty}`, carve('pay', '/pay', newOne));
    const [features = '', routes = ''] = empty.replace(/: (?:null|~|\{\}|\[\])/g, ':').split(/(?=routes:)/);
    const [line, ...rest] = features.split('\n');
    expect(filled).toBe(
      `legacy: http://l\n${line}\n  pay:\n    url: http://pay:3000\n    stage: legacy\n${rest.join('\n')}${routes}  - match:\n      prefix: /pay\n    to: pay\n`,
    );
  });

  it('follows the neighbours: indentation, blank lines, comments that belong to them', () => {
    const before = [
      'legacy: http://l',
      'features:',
      '    a: http://a',
      '',
      '    b:',
      '        url: http://b',
      '        stage: live',
      '        # of b',
      '# of all',
      'routes:',
      '- match:',
      '    prefix: /a',
      '  to: a',
      '',
      '- match:',
      '    prefix: /b',
      '  to: b # last',
      '',
      '# the end',
      '',
    ].join('\n');
    const after = before
      .replace(
        '        # of b\n',
        '        # of b\n\n    pay:\n        url: http://pay:3000\n        stage: legacy\n',
      )
      .replace('  to: b # last\n', '  to: b # last\n\n- match:\n    prefix: /pay\n  to: pay\n');
    expect(edited(before, carve('pay', '/pay', newOne))).toBe(after);
  });

  it('writes in flow style where the neighbours are', () => {
    const before =
      'legacy: http://l\nfeatures:\n  a: { url: http://a, stage: live }\nroutes:\n  - match: { prefix: /a }\n    to: a\n';
    expect(edited(before, carve('pay', '/pay', newOne))).toBe(
      'legacy: http://l\nfeatures:\n  a: { url: http://a, stage: live }\n  pay: { url: http://pay:3000, stage: legacy }\nroutes:\n  - match: { prefix: /a }\n    to: a\n  - match: { prefix: /pay }\n    to: pay\n',
    );
    expect(
      edited('legacy: http://l\nroutes:\n  - { to: legacy, match: { path: /a } }\n', carve('legacy', '/b')),
    ).toBe(
      'legacy: http://l\nroutes:\n  - { to: legacy, match: { path: /a } }\n  - { match: { prefix: /b }, to: legacy }\n',
    );
    expect(edited('{"legacy": "http://l"}', carve('pay', '/pay', newOne))).toBe(
      '{"legacy": "http://l", "features": { "pay": { "url": "http://pay:3000", "stage": "legacy" } }, "routes": [{ "match": { "prefix": "/pay" }, "to": "pay" }]}',
    );
    expect(
      edited(
        'legacy: http://l\nfeatures: { a: http://a }\nroutes: [{ to: a }]\n',
        carve('pay', '/pay', newOne),
      ),
    ).toBe(
      'legacy: http://l\nfeatures: { a: http://a, pay: { url: http://pay:3000, stage: legacy } }\nroutes: [{ to: a }, { match: { prefix: /pay }, to: pay }]\n',
    );
  });

  it('has its conditions, and quotes what must be', () => {
    const more = {
      ...newOne,
      methods: ['GET'],
      hosts: ['*.x.com'],
      path: { kind: 'path', value: '/pay/$x' },
      name: '1',
    } as const;
    const after = edited('legacy: http://l\nroutes:\n', carve('pay', '', more));
    expect(after).toContain(
      '  - name: "1"\n    match:\n      hosts: ["*.x.com"]\n      path: "/pay/$$x"\n      methods: [GET]\n    to: pay\n',
    );
  });

  it('to a feature that is there adds the route alone, once', () => {
    const before = file('  orders:\n    url: http://x\n    stage: live\n');
    const after = edited(before, carve('orders', '/api/o'));
    expect(after).toBe(`${before}  - match: { prefix: /api/o }\n    to: orders\n`);
    expect(run(after, carve('orders', '/api/o')).kind).toBe('already');
    expect(run(after, carve('orders', '/api/o/')).kind).toBe('already');
  });

  it('that is no path is rejected with the place where it would stand', () => {
    expect(run(file('  orders: http://x\n'), carve('orders', 'api'))).toMatchObject({
      kind: 'rejected',
      issues: [{ severity: 'warning' }, { line: 7, message: '"api" must start with "/"' }],
    });
  });
});

describe('a name in legacy_only', () => {
  const add: RoutesChange = { kind: 'legacy_only', name: 'orders' };
  const whole = (key: string): string => file('  a: http://a\n  orders: http://x\n') + key;

  it.each([
    ['legacy_only: false  # c\n', 'legacy_only: [orders]  # c\n'],
    ['legacy_only: []\n', 'legacy_only: [orders]\n'],
    ['legacy_only: [a]  # c\n', 'legacy_only: [a, orders]  # c\n'],
    ['legacy_only: ["a"]\n', 'legacy_only: ["a", "orders"]\n'],
    ['legacy_only: [a,]\n', 'legacy_only: [a, orders,]\n'],
    ['legacy_only:\n  - a  # c\n', 'legacy_only:\n  - a  # c\n  - orders\n'],
    ['legacy_only:\n-   a', 'legacy_only:\n-   a\n-   orders'],
  ])('is put into %j', (before, after) => {
    expect(edited(whole(before), add)).toBe(whole(after));
  });

  it('makes the key where there is none', () => {
    expect(edited(whole(''), add)).toBe(
      whole('').replace('legacy:8080\n', 'legacy:8080\n\nlegacy_only: [orders]\n\n'),
    );
    expect(edited(`\n\n# c\n${whole('')}`, add)).toContain(
      '\n\n# c\nlegacy: http://legacy:8080\n\nlegacy_only: [orders]\n\nfeatures',
    );
  });

  it.each(['legacy_only: true\n', 'legacy_only: [orders]\n'])('is there already with %j', (key) => {
    expect(run(whole(key), add).kind).toBe('already');
  });

  it('of the environment, or by an alias, is refused', () => {
    expect(refusal(whole('legacy_only: \u0024{ALL:-false}\n'), add)).toContain(
      'legacy_only comes from the environment',
    );
    expect(refusal(whole('trust_proxies: &x []\nlegacy_only: *x\n'), add)).toContain(
      'legacy_only is an alias',
    );
  });
});
