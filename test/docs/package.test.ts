/** The package: what `npm pack` puts in, and that it runs from there; the lock file. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../support/source-files.ts';

const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const folder = mkdtempSync(path.join(tmpdir(), 'banyan-package-'));
const modules = path.join(folder, 'node_modules');
let packed: string[] = [];

/** An installation as npm would make it, with the dependencies of this one: nothing is fetched. */
beforeAll(() => {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [result] = JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8' }));
  packed = result.files.map((file: { path: string }) => file.path);
  mkdirSync(path.join(modules, '.bin'), { recursive: true });
  for (const name of readdirSync(path.join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  }
  mkdirSync(path.join(modules, 'banyan'));
  execFileSync('tar', [
    '-xzf',
    path.join(folder, result.filename),
    '-C',
    path.join(modules, 'banyan'),
    '--strip-components=1',
  ]);
  symlinkSync(`../banyan/${manifest.bin.banyan}`, path.join(modules, '.bin/banyan'));
  writeFileSync(path.join(folder, 'package.json'), '{}');
});

afterAll(() => rmSync(folder, { recursive: true }));

function npx(...args: string[]): string {
  return execFileSync('npx', ['--no-install', ...args], { cwd: folder, encoding: 'utf8' });
}

test('the package holds the built command, its papers and the demo’s shop, nothing to develop with', () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'dist/cli.js',
      'dist/load-worker.js',
      'dist/compare-worker.js',
      'routes.yaml',
      'examples/shop/legacy/server.mjs',
    ]),
  );
  expect(
    packed.filter((file) => /^(?:src|test|docs|examples\/(?!shop\/)|node_modules|\.)/.test(file)),
  ).toEqual([]);
});

test('it runs from where it was installed', () => {
  expect(npx('banyan', '--version')).toBe(`${manifest.version}\n`);
  writeFileSync(path.join(folder, 'routes.yaml'), 'legacy: http://legacy:8080\n');
  expect(npx('banyan', 'validate')).toContain('ok, 0 routes');
});

test('what the bundles import is a dependency', () => {
  const dist = path.join(ROOT, 'dist');
  const bundles = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  const imported = bundles.flatMap((file) => {
    const text = readFileSync(path.join(dist, file), 'utf8');
    return [...text.matchAll(/^import [^;]*?from "([^".][^"]*)";$/gm)].map(([, name = '']) => name);
  });
  const packages = imported.filter((name) => !name.startsWith('node:'));
  expect(packages.length).toBeGreaterThan(5);
  const declared = Object.keys(manifest.dependencies);
  expect(
    packages.filter((name) => !declared.some((own) => name === own || name.startsWith(`${own}/`))),
  ).toEqual([]);
});

test('every version is pinned, and the lock file names no registry', () => {
  const versions = Object.values<string>({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const lock = readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8');
  expect(lock).not.toContain('registry');
  expect(lock).not.toContain('"resolved"');
  const locked = JSON.parse(lock).packages[''];
  expect(locked.dependencies).toEqual(manifest.dependencies);
  expect(locked.devDependencies).toEqual(manifest.devDependencies);
});
