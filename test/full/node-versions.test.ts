import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** All of test/e2e, with both fronts, with the router under each Node line that users may have, from npm packages. */

const LINES = ['20', '22', '24', '26'];
const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-nodes-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Installs a Node and gives the path of its binary. */
async function install(line: string): Promise<string> {
  const name = `node-linux-${process.arch}`;
  const prefix = path.join(folder, line);
  const flags = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await run('npm', ['install', '--prefix', prefix, ...flags, `${name}@${line}`]);
  return path.join(prefix, 'node_modules', name, 'bin', 'node');
}

it.each(LINES)('the router under Node %s', async (line) => {
  const node = await install(line);
  const { stdout: version } = await run(node, ['--version']);
  expect(version).toMatch(new RegExp(`^v${line}\\.`));
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const projects = ['--project', 'e2e', '--project', 'e2e-fastify'];
  const args = [vitest, 'run', ...projects, '--reporter', 'json', '--retry', '0'];
  const { stdout } = await run(process.execPath, args, {
    cwd: root,
    env: { ...process.env, BANYAN_NODE: node },
    maxBuffer: 64 * 1024 * 1024,
  }).catch((error: { stdout: string }) => error);
  const report = JSON.parse(stdout.slice(stdout.indexOf('{"num'))) as Report;
  console.log(`Node ${version.trim()}: ${report.numPassedTests} of ${report.numTotalTests} passed`);
  expect(failuresOf(report)).toEqual([]);
  expect(report.numPassedTests).toBeGreaterThan(300);
});

interface Report {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap((file) => [
    ...file.assertionResults
      .filter(({ status }) => status === 'failed')
      .map(
        (test) => `${path.basename(file.name)}: ${test.fullName}: ${test.failureMessages[0]?.slice(0, 500)}`,
      ),
    ...(file.status === 'failed' && file.assertionResults.length === 0
      ? [`${file.name}: ${file.message}`]
      : []),
  ]);
}
