/**
 * Edits of generated files, in every form that a feature can be written in: the bytes around the edited value stay, the
 * table is the one before but for the change, and the same edit again finds nothing to do.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RoutesChange } from '../../src/config/edit-change.ts';
import { editRoutes } from '../../src/config/edit-routes.ts';
import { parseRoutes } from '../../src/config/parse-routes.ts';
import type { RouteTable, Stage } from '../../src/model/route-table.ts';

const NAMES = ['orders', 'search', 'pay', 'stage', 'live', 'url'] as const;
const STAGES: readonly Stage[] = ['legacy', 'live', 'done'];

const comment = fc.constantFrom('', ' # c', '    # stage: legacy', ' # url: "x"');
const word = (text: string) => fc.constantFrom(text, `"${text}"`, `'${text}'`, `!!str ${text}`);
const url = fc
  .constantFrom('http://a:3000', 'https://b.example/base', 'http://[::1]:80/~x')
  .chain((text) => fc.constantFrom(`"${text}"`, `'${text}'`, ...(text.includes('[') ? [] : [text])));

interface Style {
  readonly indent: string;
}

/** A feature after its name's colon: lines at the indentation of the name. */
const feature = ({ indent }: Style): fc.Arbitrary<string> => {
  const stage = fc.constantFrom(...STAGES).chain(word);
  const line = (key: string, value: fc.Arbitrary<string>) =>
    fc.tuple(value, comment).map(([text, after]) => `${indent}${key}: ${text}${after}`);
  const extra = fc.constantFrom(
    [],
    [`${indent}canary: { share: 5% }   # who`],
    [`${indent}canary:`, `${indent}  by: ip   # how`, `${indent}  share: "12.5%" # who`],
    [`${indent}timeouts: { connect: 1s }`],
    [`${indent}timeouts:`, `${indent}  idle: 3s`, `${indent}  # of idle`, ''],
    [`${indent}# only a comment`],
  );
  const block = fc
    .tuple(line('url', url), fc.option(line('stage', stage)), extra, fc.boolean())
    .map(([first, second, third, isLate]) => {
      const own = second === null ? [] : [second];
      return ['', ...(isLate ? [first, ...third, ...own] : [...own, first, ...third])].join('\n');
    });
  const flow = fc
    .tuple(url, fc.option(stage), fc.constantFrom('', ' ', ', '), comment)
    .map(([at, as, end, after]) => ` { url: ${at}${as === null ? '' : `, stage: ${as}`}${end}}${after}`);
  const bare = fc.tuple(url, comment).map(([at, after]) => ` ${at}${after}`);
  return fc.oneof(block, flow, bare);
};

const file: fc.Arbitrary<{ readonly text: string; readonly names: readonly string[] }> = fc
  .record({
    indent: fc.constantFrom('  ', '    ', ' '),
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }),
    eol: fc.constantFrom('\n', '\r\n'),
    end: fc.constantFrom('', '\n', '\n\n', '\n# the end\n'),
    gap: fc.constantFrom('', '\n'),
    legacyOnly: fc.constantFrom('', 'legacy_only: false # c\n', 'legacy_only: []\n'),
    mark: fc.constantFrom('', '\uFEFF'),
  })
  .chain(({ indent, names, eol, end, gap, legacyOnly, mark }) =>
    fc.tuple(...names.map(() => feature({ indent: indent.repeat(2) }))).map((written) => {
      const features = names.map((name, i) => `${indent}${name}:${written[i]}\n${gap}`).join('');
      const routes = names
        .map((name) => `${indent}- match: { prefix: /${name} }\n${indent}  to: ${name}`)
        .join(`\n${gap}`);
      const text = `# top\nlegacy: http://l   # it\n${legacyOnly}features:\n${features}routes:\n${routes}${end}`;
      return { text: mark + text.replaceAll('\n', eol), names };
    }),
  );

const stageChange = (names: readonly string[]): fc.Arbitrary<RoutesChange> =>
  fc.record({
    kind: fc.constant('stage' as const),
    feature: fc.constantFrom(...names),
    stage: fc.constantFrom(...STAGES),
    share: fc.constant(null),
  });

const canaryChange = (names: readonly string[]): fc.Arbitrary<RoutesChange> =>
  fc.record({
    kind: fc.constant('stage' as const),
    feature: fc.constantFrom(...names),
    stage: fc.constant('canary' as const),
    share: fc.constantFrom('5%', '0.25%', '100%'),
  });

const carveChange = (names: readonly string[]): fc.Arbitrary<RoutesChange> =>
  fc
    .record({
      to: fc.constantFrom('brand-new', 'legacy', ...names),
      value: fc.constantFrom('/fresh', '/fresh/:id', '/a%20b', '/$1'),
      methods: fc.constantFrom([], ['GET', 'POST']),
      hosts: fc.constantFrom([], ['*.x.com', 'y.com']),
      name: fc.constantFrom(null, 'a-name'),
    })
    .map(({ value, ...rest }) => ({
      kind: 'carve' as const,
      url: rest.to === 'brand-new' ? 'http://new:1' : null,
      path: { kind: 'prefix' as const, value },
      ...rest,
    }));

const nameChange = (names: readonly string[]): fc.Arbitrary<RoutesChange> =>
  fc.constantFrom(...names).map((name) => ({ kind: 'legacy_only' as const, name }));

const edits = file.chain(({ text, names }) =>
  fc.record({
    text: fc.constant(text),
    change: fc.oneof(stageChange(names), canaryChange(names), carveChange(names), nameChange(names)),
  }),
);

function tableOf(text: string): RouteTable {
  const { table, issues } = parseRoutes(text, { file: 'routes.yaml', env: {}, legacyOnlyFile: null });
  if (table === null) throw new Error(`${text}\n${JSON.stringify(issues, null, 1)}`);
  return table;
}

/** A table without what any edit moves: the revision, lines, and a feature's fingerprint. */
function essence({ revision: _, routes, features, ...rest }: RouteTable): object {
  const own = Object.values(features).map((feature) => ({ ...feature, definition: '' }));
  return { ...rest, features: own, routes: routes.map(({ line: __, ...route }) => route) };
}

/** What stands between the part that both begin with and the part that both end with. */
function middles(before: string, after: string): [string, string] {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end))
    end++;
  return [before.slice(start, before.length - end), after.slice(start, after.length - end)];
}

/** A feature that is just its url, made a mapping; what is after the url stays with it. */
function withMapping(text: string, name: string, stage: Stage): string {
  const [, indent = ''] = /^features:\r?\n( +)/m.exec(text) ?? [];
  const [, rest = '', end = ''] = new RegExp(`\\n${indent}${name}: ([^{\\r\\n]+)(\\r?)\\n`).exec(text) ?? [];
  const deep = indent.repeat(2);
  return text.replace(
    `\n${indent}${name}: ${rest}${end}\n`,
    `\n${indent}${name}:${end}\n${deep}url: ${rest}${end}\n${deep}stage: ${stage}${end}\n`,
  );
}

/** Two texts, the tables that they make, and the change between them. */
interface Made<Change> {
  readonly text: string;
  readonly edited: string;
  readonly before: RouteTable;
  readonly after: RouteTable;
  readonly change: Change;
}

type Of<Kind extends RoutesChange['kind']> = Made<Extract<RoutesChange, { kind: Kind }>>;

function checkStage({ text, edited, before, after, change }: Of<'stage'>): void {
  const { feature, stage, share } = change;
  const canary = after.features[feature]?.canary ?? null;
  if (share !== null) expect(canary?.shareHundredths).toBe(Number.parseFloat(share) * 100);
  else expect(canary).toEqual(before.features[feature]?.canary ?? null);
  const moved = { ...before.features, [feature]: { ...before.features[feature], stage, canary } };
  expect(essence(after)).toEqual(essence({ ...before, features: moved } as RouteTable));
  // Every comment is where it was: at the end of the same line, or alone.
  expect(edited.match(/#.*/g)).toEqual(text.match(/#.*/g));
  if (share !== null) return;
  const [old, fresh] = middles(text, edited);
  if (/^[a-z ]*$/.test(old)) expect(fresh).not.toContain('#');
  else expect(edited).toBe(withMapping(text, feature, stage));
}

/** Nothing but whole lines put in, and one route more. */
function checkCarve({ text, edited, before, after, change }: Of<'carve'>): void {
  const lines = edited.split(/\r?\n/);
  let at = 0;
  for (const line of text.split(/\r?\n/)) at = lines.indexOf(line, at) + 1 || Number.NaN;
  expect(at).not.toBeNaN();
  expect(after.routes.slice(0, -1).map(({ name }) => name)).toEqual(before.routes.map(({ name }) => name));
  expect(after.routes.at(-1)?.matches[0]?.path).toEqual(change.path);
}

function checkName({ before, after, change }: Of<'legacy_only'>): void {
  expect(essence(after)).toEqual(essence({ ...before, legacyOnly: after.legacyOnly }));
  expect(after.legacyOnly).toEqual({ everything: false, features: [change.name], routes: [] });
}

function check(text: string, change: RoutesChange): void {
  const input = { text, file: 'routes.yaml', env: {}, legacyOnlyFile: null };
  const before = tableOf(text);
  const result = editRoutes(input, change);
  if (result.kind === 'already') {
    expect(change.kind === 'stage' && before.features[change.feature]?.stage === change.stage).toBe(true);
    return;
  }
  if (result.kind !== 'changed') throw new Error(`${text}\n${JSON.stringify(result)}`);
  const { text: edited } = result;
  const bareLineEnds = edited.match(/(?<!\r)\n/g)?.length ?? 0;
  expect(bareLineEnds).toBe(text.includes('\r') ? 0 : edited.split('\n').length - 1);
  const again = change.kind === 'carve' ? { ...change, url: null } : change;
  expect(editRoutes({ ...input, text: edited }, again).kind).toBe('already');
  const made = { text, edited, before, after: tableOf(edited) };
  if (change.kind === 'stage') checkStage({ ...made, change });
  else if (change.kind === 'carve') checkCarve({ ...made, change });
  else checkName({ ...made, change });
}

it('an edit changes what was asked for, and not a byte besides', () => {
  fc.assert(
    fc.property(edits, ({ text, change }) => check(text, change)),
    { numRuns: 250 },
  );
}, 60_000);
