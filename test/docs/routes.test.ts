/** docs/routes.md against the schema and the defaults, both ways. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { routesJsonSchema } from '../../src/config/json-schema.ts';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import type { RouteTable } from '../../src/model/route-table.ts';

const PAGE = readFileSync(new URL('../../docs/routes.md', import.meta.url), 'utf8');

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** Rows of the first table that follows a heading and has a column `key`. */
function rowsOf(heading: string): string[][] {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const table = section.slice(section.indexOf('| key |'));
  const lines = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

function keysOf(heading: string): string[] {
  return rowsOf(heading).map(([key = '']) => key.replaceAll('`', ''));
}

function objectIn(node: Node | undefined): Node {
  return [node, ...(node?.anyOf ?? [])].find((one) => one?.properties !== undefined) ?? {};
}

/** Keys of a mapping; of a mapping with fixed keys within it, those, with a dot. */
function flatKeys(node: Node): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const nested = objectIn(child).properties;
    return nested === undefined ? [key] : flatKeys(objectIn(child)).map((inner) => `${key}.${inner}`);
  });
}

const root = routesJsonSchema() as Node;
const legacy = objectIn(root.properties?.['legacy']);
const features = [root.properties?.['features'], ...(root.properties?.['features']?.anyOf ?? [])];
const feature = objectIn(
  features.find((one) => typeof one?.additionalProperties === 'object')?.additionalProperties as Node,
);
const routes = [root.properties?.['routes'], ...(root.properties?.['routes']?.anyOf ?? [])];
const route = routes.find((one) => one?.items !== undefined)?.items as Node;
const match = objectIn(route.properties?.['match']);

describe('the keys of docs/routes.md are those of the schema', () => {
  const withoutMatch = flatKeys(route).filter((key) => !key.startsWith('match.'));
  const topKeys = flatKeys(root).filter((key) => !/^(?:legacy|features|routes|default)\./.test(key));

  it.each([
    ['File', [...topKeys, 'legacy', 'default']],
    ['Backends', flatKeys(legacy)],
    ['Features', flatKeys(feature).filter((key) => !flatKeys(legacy).includes(key))],
    ['Routes', [...withoutMatch, 'match']],
    ['Match', Object.keys(match.properties ?? {})],
    ['Default', flatKeys(objectIn(root.properties?.['default']))],
  ])('%s', (heading, keys) => {
    expect(keysOf(heading).sort()).toEqual([...new Set(keys)].sort());
  });
});

const ORDERS = 'orders: { url: http://orders, stage: live';

function tableOf(text: string): object {
  const { table, issues } = parseRoutes(text, { file: 'routes.yaml', env: {}, legacyOnlyFile: null });
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  // How a feature is worded is part of what it is, so that an edit can be told (auto_rollback): not of its defaults.
  const features = Object.entries(table?.features ?? {}).map(([name, feature]) => [
    name,
    { ...feature, definition: '' },
  ]);
  return { ...table, features: Object.fromEntries(features), revision: '' };
}

/** `{ timeouts: { connect: 2s } }` of `timeouts.connect`. */
function nested(key: string, value: string): string {
  return key.split('.').reduceRight((inner, part) => `{ ${part}: ${inner} }`, value);
}

function file({ legacy = '', feature: inFeature = '', route: inRoute = '', top = '' }): string {
  const url = legacy.includes('urls') ? '' : 'url: https://legacy, ';
  return [
    `legacy: { ${url}${legacy.slice(2, -2)} }`,
    `features: { ${ORDERS}${inFeature === '' ? '' : `, ${inFeature.slice(2, -2)}`} } }`.replace(
      /stage: live, (?=stage)/,
      '',
    ),
    `routes: [ { match: { prefix: /a }, to: orders${inRoute === '' ? '' : `, ${inRoute.slice(2, -2)}`} } ]`,
    top,
  ].join('\n');
}

describe('the defaults of docs/routes.md are those of Banyan', () => {
  const plain = tableOf(file({}));
  const defaults = (heading: string): [string, string][] =>
    rowsOf(heading).flatMap(([key = '', value = '']): [string, string][] =>
      value.startsWith('`') ? [[key.replaceAll('`', ''), value.replaceAll('`', '')]] : [],
    );

  /** Keys of a block that is not there by default: they have their defaults in it. */
  const isInBlock = ([key]: [string, string]): boolean =>
    /^(?:health|breaker|canary|fallback|shadow|auto_rollback)\./.test(key);

  it.each(defaults('Backends').filter((row) => !isInBlock(row)))('a backend has %s: %s', (key, value) => {
    expect(tableOf(file({ legacy: nested(key, value) }))).toEqual(plain);
  });

  it.each(['health', 'breaker'])('an empty block %s has its own', (block) => {
    const written = defaults('Backends').filter(([key]) => key.startsWith(`${block}.`));
    expect(written.length).toBeGreaterThan(1);
    const filled = written.map(([key, value]) => `${key.split('.')[1]}: ${value}`).join(', ');
    const empty = tableOf(file({ legacy: `{ ${block}: {} }` }));
    expect(tableOf(file({ legacy: `{ ${block}: { ${filled} } }` }))).toEqual(empty);
    expect(empty).not.toEqual(plain);
  });

  it('a block fallback has its own, and true is that block', () => {
    const written = defaults('Features').filter(([key]) => key.startsWith('fallback.'));
    expect(written.map(([key]) => key.split('.')[1])).toEqual(['max_body', 'max_in_flight']);
    const filled = written.map(([key, value]) => `${key.split('.')[1]}: ${value}`).join(', ');
    const isTrue = tableOf(file({ feature: '{ fallback: true }' }));
    expect(tableOf(file({ feature: `{ fallback: { ${filled} } }` }))).toEqual(isTrue);
    expect(tableOf(file({ feature: '{ fallback: {} }' }))).toEqual(isTrue);
    expect(tableOf(file({ feature: '{ fallback: false }' }))).toEqual(plain);
  });

  it('a block shadow has its own, and stage shadow has one without it', () => {
    const written = defaults('Features').filter(([key]) => key.startsWith('shadow.'));
    expect(written.length).toBeGreaterThan(15);
    const empty = tableOf(file({ feature: '{ shadow: {} }' }));
    expect(empty).not.toEqual(plain);
    for (const [key, value] of written)
      expect(tableOf(file({ feature: nested(key, value) })), key).toEqual(empty);
    const inStage = file({ feature: '{ stage: shadow, shadow: {} }' });
    expect(tableOf(inStage.replace(', shadow: {}', ''))).toEqual(tableOf(inStage));
  });

  it('a block auto_rollback has its own, but no limit', () => {
    const written = defaults('Features').filter(([key]) => key.startsWith('auto_rollback.'));
    expect(written.map(([key]) => key.split('.')[1])).toEqual(['window', 'min_requests', 'hold']);
    const filled = written.map(([key, value]) => `${key.split('.')[1]}: ${value}`).join(', ');
    const limit = 'errors: { max: 5% }';
    expect(tableOf(file({ feature: `{ auto_rollback: { ${limit}, ${filled} } }` }))).toEqual(
      tableOf(file({ feature: `{ auto_rollback: { ${limit} } }` })),
    );
  });

  it('a feature has a breaker, legacy has none', () => {
    expect(tableOf(file({ legacy: '{ breaker: false }', feature: '{ breaker: true }' }))).toEqual(plain);
  });

  it.each(defaults('Features').filter((row) => !isInBlock(row)))('a feature has %s: %s', (key, value) => {
    expect(tableOf(file({ feature: nested(key, value) }))).toEqual(plain);
  });

  it.each(defaults('Routes').filter(([key]) => !/^(?:redirect|respond)\./.test(key)))(
    'a route has %s: %s',
    (key, value) => {
      expect(tableOf(file({ route: nested(key, value) }))).toEqual(plain);
    },
  );

  it.each([...defaults('File'), ...defaults('Default').map(([key, value]) => [`default.${key}`, value])])(
    'the file has %s: %s',
    (key = '', value = '') => {
      const { defaultRoute, ...rest } = tableOf(file({ top: nested(key, value).slice(2, -2) })) as {
        defaultRoute: object;
      };
      expect({ ...rest, defaultRoute: { ...defaultRoute, line: 0 } }).toEqual(plain);
    },
  );

  it('a canary tells clients apart by what stands there', () => {
    const [, by = ''] = defaults('Features').find(([key]) => key === 'canary.by') ?? [];
    const withCanary = (more: string) => {
      const table = tableOf(file({ feature: `{ canary: { share: 10%${more} } }` })) as Pick<
        RouteTable,
        'features'
      >;
      return table.features['orders']?.canary;
    };
    expect(withCanary(`, by: ${by}`)).toEqual(withCanary(''));
    expect(withCanary('')?.shareHundredths).toBe(1_000);
  });

  it('a canary tells clients apart by what stands there', () => {
    const [, by = ''] = defaults('Features').find(([key]) => key === 'canary.by') ?? [];
    const withCanary = (more: string) => {
      const table = tableOf(file({ feature: `{ canary: { share: 10%${more} } }` })) as Pick<
        RouteTable,
        'features'
      >;
      return table.features['orders']?.canary;
    };
    expect(withCanary(`, by: ${by}`)).toEqual(withCanary(''));
    expect(withCanary('')?.shareHundredths).toBe(1_000);
  });

  it('a redirect and a response have theirs', () => {
    const of = (heading: string) =>
      Object.fromEntries(defaults('Routes').filter(([key]) => key.startsWith(heading)));
    const { routes } = tableOf(
      'legacy: http://l\nroutes: [{ match: { path: /a }, redirect: { to: /b } }, { match: { path: /b }, respond: {} }]',
    ) as {
      routes: { action: Record<string, unknown> }[];
    };
    expect(String(routes[0]?.action['status'])).toBe(of('redirect')['redirect.status']);
    expect(String(routes[1]?.action['status'])).toBe(of('respond')['respond.status']);
    expect(routes[1]?.action['type']).toBe(of('respond')['respond.type']);
  });
});

describe('the examples of docs/routes.md', () => {
  const examples = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);

  it('are many', () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  it.each(examples)('%#', (text) => {
    const keys = Object.keys(parse(text) as object);
    const rest = [
      keys.includes('legacy') ? '' : 'legacy: http://legacy:8080',
      keys.includes('features')
        ? ''
        : `features: { ${ORDERS} }, search: { url: http://search, stage: live } }`,
    ];
    const { issues } = parseRoutes([text, ...rest].join('\n'), {
      file: 'routes.yaml',
      env: {},
      legacyOnlyFile: null,
    });
    expect(issues).toEqual([]);
  });
});
