import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ValidateOptions, validate } from '../../src/cli/validate.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-validate-'));
  file = join(folder, 'routes.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

function run(options: Partial<ValidateOptions> = {}) {
  return validate({ file, strict: false, json: false, color: false, env: {}, ...options });
}

const GOOD = 'legacy: http://legacy\nfeatures:\n  orders: { url: http://orders, stage: live }\n';
const WARNED = 'legacy: http://legacy\nfeatures:\n  orders: http://orders\n';
const BAD = `legacy: http://legacy/?x
features:
  orders: { url: http://orders, stge: live }
routes:
  - match: { prefix: api, methods: [get] }
    to: order
`;

describe('validate', () => {
  it('says that a good file is good', async () => {
    await writeFile(file, GOOD);
    expect(await run()).toEqual({ exitCode: 0, output: `${file}: ok, 0 routes, 1 feature\n` });
  });

  it('warns of a limit that cannot be divided among the workers that WORKERS says', async () => {
    const limited = GOOD.replace('stage: live }', 'stage: live, max_in_flight: 2 }');
    await writeFile(file, limited);
    expect((await run({ env: { WORKERS: '2' }, strict: true })).exitCode).toBe(0);
    const { exitCode, output } = await run({ env: { WORKERS: '3' }, strict: true });
    expect(exitCode).toBe(1);
    expect(output).toContain('max_in_flight of orders is 2 and there are 3 workers');
  });

  it('tells five mistakes with their places, and exits with 78', async () => {
    await writeFile(file, BAD);
    const { exitCode, output } = await run();
    expect(exitCode).toBe(78);
    expect(output.match(/^\S+:\d+:\d+ error .*$/gm)?.map((line) => line.slice(file.length + 1))).toEqual([
      '1:9 error a url ends before its "?": a backend has a base path only',
      '3:33 error unknown key "stge" (did you mean "stage"?)',
      '5:22 error "api" must start with "/"',
      '5:37 error "get" is not GET: the case of methods matters',
      '6:9 error unknown feature "order" (did you mean "orders"?)',
    ]);
    expect(output).toContain('  6 |     to: order\n    |         ^^^^^\n');
    expect(output.trimEnd().endsWith(`${file}: 5 errors`)).toBe(true);
  });

  it.each([
    [false, 0],
    [true, 1],
  ])('with warnings and strict %s exits with %i', async (strict, exitCode) => {
    await writeFile(file, WARNED);
    const result = await run({ strict });
    expect(result.exitCode).toBe(exitCode);
    expect(result.output).toContain('ok, 0 routes, 1 feature, 1 warning');
  });

  it('says that there is no file', async () => {
    expect(await run({ strict: true })).toEqual({
      exitCode: 78,
      output: `${file} error does not exist\n\n${file}: 1 error\n`,
    });
  });

  it('gives JSON to programs', async () => {
    await writeFile(file, WARNED);
    const { output } = await run({ json: true });
    expect(JSON.parse(output)).toMatchObject({
      file,
      ok: true,
      revision: expect.stringMatching(/^[0-9a-f]{12}$/),
      routes: 0,
      features: 1,
      issues: [{ severity: 'warning', line: 3, column: 3 }],
    });
    await writeFile(file, BAD);
    expect(JSON.parse((await run({ json: true })).output)).toMatchObject({
      ok: false,
      revision: null,
      routes: null,
    });
  });

  it('reads the environment and the LEGACY_ONLY file', async () => {
    await writeFile(file, `legacy: $\{URL}\n`);
    await writeFile(join(folder, 'LEGACY_ONLY'), 'ordrs\n');
    const { exitCode, output } = await run({ env: { URL: 'http://legacy' } });
    expect(exitCode).toBe(0);
    expect(output).toContain('LEGACY_ONLY:1:1 warning no feature or route is named "ordrs"');
  });
});
