import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LATER_VERBS, runProgram } from '../../src/cli/program.ts';
import { SETTINGS, type Setting } from '../../src/setting-list.ts';
import { runBanyan } from '../support/run-banyan.ts';

let folder: string;

function notStarted(): never {
  throw new Error('nothing may be started here');
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-cli-'));
  await writeFile(path.join(folder, 'good.yaml'), 'legacy: http://legacy:8080\n');
  await writeFile(
    path.join(folder, 'warned.yaml'),
    'legacy: http://legacy:8080\nfeatures:\n  orders: http://orders:3000\nroutes:\n  - match: { prefix: /orders }\n    to: orders\n',
  );
  await writeFile(path.join(folder, 'bad.yaml'), 'legcy: http://legacy:8080\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('banyan', () => {
  it('alone prints help', async () => {
    const { code, out, err } = await runBanyan([]);
    expect([code, err]).toEqual([0, '']);
    const verbs = [
      'serve',
      'validate',
      'explain',
      'schema',
      'status',
      'set',
      'rollback',
      'legacy-only',
      'carve',
      'demo',
    ];
    for (const verb of verbs) expect(out).toContain(`\n  ${verb} `);
  });

  it('--help and --version', async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect((await runBanyan(['--help'])).out).toBe((await runBanyan([])).out);
    expect(await runBanyan(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it('help, with a verb or without, says what --help does', async () => {
    expect(await runBanyan(['help'])).toEqual(await runBanyan(['--help']));
    expect(await runBanyan(['help', 'set'])).toEqual(await runBanyan(['set', '--help']));
  });

  it.each([
    [['help', 'frobnicate'], "banyan: unknown command 'frobnicate'\n"],
    [['serv'], "banyan: unknown command 'serv'\n(Did you mean serve?)\n"],
    [['Serve'], "banyan: unknown command 'Serve'\n(Did you mean serve?)\n"],
    [['frobnicate'], "banyan: unknown command 'frobnicate'\n"],
    [['--listen', ':80'], "banyan: unknown option '--listen'\n"],
    [['serve', '--listn', ':80'], "banyan: unknown option '--listn'\n(Did you mean --listen?)\n"],
    [['serve', '--listen'], "banyan: option '--listen <HOST:PORT>' argument missing\n"],
    [['serve', 'now'], "banyan: too many arguments for 'serve'. Expected 0 arguments but got 1.\n"],
    [['validate', 'a', 'b'], "banyan: too many arguments for 'validate'. Expected 1 argument but got 2.\n"],
  ])('%j is wrong usage: exit code 2', async (args, message) => {
    expect(await runBanyan(args)).toEqual({ code: 2, out: '', err: message });
  });

  it('knows the verbs of later versions, whatever is said with them', async () => {
    const { code, err } = await runBanyan(['replay', 'access.log', '--against', 'other.yaml']);
    expect([code, err]).toEqual([2, 'banyan replay: not supported yet\n']);
    for (const verb of LATER_VERBS) {
      const said: string[] = [];
      const io = { out: () => {}, err: (text: string) => void said.push(text), env: {}, terminal: false };
      const deps = {
        io: { ...io, onSignal: () => {} },
        onServing: () => {},
        startIn: notStarted,
        cwd: '/',
        node: 'node',
      };
      expect(await runProgram([verb, 'orders', '--share', '10%'], deps)).toBe(2);
      expect(said).toEqual([`banyan ${verb}: not supported yet\n`]);
    }
  });

  it('serve --help names every flag with its variable and default', async () => {
    const { out } = await runBanyan(['serve', '--help']);
    for (const { flag, variable, standard } of Object.values<Setting<unknown>>(SETTINGS)) {
      expect(out).toMatch(new RegExp(`--${flag} [<[]`));
      expect(out).toContain(standard === '' ? `(${variable})` : `(${variable}, default ${standard})`);
    }
  });

  it('ends quietly when nobody reads what it prints', async () => {
    const child = spawn('sh', ['-c', `"$NODE" dist/cli.js schema | true; echo done`], {
      env: { PATH: process.env['PATH'], NODE: process.execPath },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (bytes) => {
      err += bytes;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(err).toBe('');
  });
});

describe('banyan validate', () => {
  it.each([
    [['validate', 'good.yaml'], 0],
    [['validate', '--routes', 'good.yaml'], 0],
    [['validate', 'warned.yaml'], 0],
    [['validate', 'warned.yaml', '--strict'], 1],
    [['validate', 'bad.yaml'], 78],
    [['validate', 'missing.yaml'], 78],
    [['validate'], 78],
  ])('%j exits with %d', async (args, expected) => {
    expect((await runBanyan(args, { cwd: folder })).code).toBe(expected);
  });

  it('takes the file from its argument, --routes, then ROUTES_FILE', async () => {
    const env = { ROUTES_FILE: 'good.yaml' };
    expect((await runBanyan(['validate'], { cwd: folder, env })).code).toBe(0);
    expect((await runBanyan(['validate', '--routes', 'bad.yaml'], { cwd: folder, env })).code).toBe(78);
    const both = ['validate', 'good.yaml', '--routes', 'bad.yaml'];
    expect((await runBanyan(both, { cwd: folder })).code).toBe(0);
  });

  it('--json is JSON, without colours', async () => {
    const { out } = await runBanyan(['validate', 'bad.yaml', '--json'], { cwd: folder });
    expect(JSON.parse(out)).toMatchObject({ file: 'bad.yaml', ok: false });
  });
});

describe('banyan explain', () => {
  const asked = (...args: string[]) =>
    runBanyan(['explain', ...args, '--routes', 'warned.yaml'], { cwd: folder });

  it('takes a method, a url, headers and cookies', async () => {
    const { code, out } = await asked(
      'GET',
      '/orders/7?a=1',
      '-H',
      'x-a: 1',
      '-H',
      'x-b: 2',
      '--cookie',
      'c=3',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      route: 'orders',
      side: 'feature',
      request: { path: '/orders/7?a=1', headers: { 'x-a': '1', 'x-b': '2', Cookie: 'c=3' } },
    });
  });

  it.each([
    [['GET'], "banyan: missing required argument 'URL'\n"],
    [['G ET', '/'], 'banyan explain: "G ET" is not a method: banyan explain GET /path\n'],
  ])('%j is wrong usage: exit code 2', async (args, message) => {
    expect(await asked(...args)).toEqual({ code: 2, out: '', err: message });
  });

  it('exits 78 on a bad file', async () => {
    expect((await runBanyan(['explain', 'GET', '/', '--routes', 'bad.yaml'], { cwd: folder })).code).toBe(78);
  });
});

describe('banyan schema', () => {
  it('prints a JSON Schema', async () => {
    const { code, out } = await runBanyan(['schema']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty('$schema');
  });
});
