import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { pageAt } from '../support/markdown.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { docker, type Ran, run } from './docker.ts';
import { ask } from './shop-client.ts';

/** Verbs that edit routes.yaml, in containers: by the alias of docs/compose.md, and where they may not write. */
const LEGACY = `banyan-test-monolith-${randomBytes(3).toString('hex')}`;
let project: ComposeProject;

beforeAll(async () => {
  project = await openProject('verbs', { subfolder: 'examples/minimal', env: { LEGACY_IMAGE: LEGACY } });
  const repository = `${project.folder}/../..`;
  const shop = `${repository}/examples/shop`;
  await docker('build', '--quiet', '--tag', project.image, repository);
  await docker('build', '--quiet', '--tag', LEGACY, '--file', `${shop}/legacy/Dockerfile`, shop);
  await project.compose(['up', '--detach']);
  await eventually(
    async () => (await ask(project.url)).status,
    (status) => status === 200,
    { timeoutMs: 20_000, everyMs: 100 },
  );
}, 300_000);
afterAll(async () => {
  await project.down();
  await run('docker', ['rmi', '--no-prune', LEGACY], { mayFail: true });
});

/** The alias of the page, as words for Compose. */
function aliasWords(): string[] {
  const alias = /alias banyan='docker compose ([^']*)'/.exec(pageAt('docs/compose.md').text)?.[1] ?? '';
  return alias
    .replaceAll('$(id -u):$(id -g)', `${process.getuid?.()}:${process.getgid?.()}`)
    .replaceAll('$PWD', project.folder)
    .replace(/[\\"]/g, '')
    .split(/\s+/);
}

function banyan(...args: string[]): Promise<Ran> {
  return project.compose([...aliasWords(), ...args], { mayFail: true });
}

const routesFile = (): string => join(project.folder, 'banyan/routes.yaml');

test('the alias edits the mounted folder, and waits for the running router', async () => {
  const carved = await banyan('carve', '/api/orders', '--to', 'orders', '--url', 'http://orders:3000');
  expect(carved.all).toContain('In force: legacy answers.');
  const moved = await banyan('set', 'orders', 'live');
  expect(moved.all).toContain('In force: the feature answers.');
  expect([carved.code, moved.code]).toEqual([0, 0]);
  expect(await readFile(routesFile(), 'utf8')).toContain('stage: live');
  expect(JSON.parse(await project.admin('/api/backends'))).toMatchObject({
    backends: [{ name: 'legacy' }, { name: 'orders', feature: { stage: 'live' } }],
  });
  expect((await banyan('legacy-only', 'on')).all).toContain('In force: legacy alone answers for everything.');
  expect((await banyan('legacy-only', 'off')).all).toContain('In force: legacy_only holds nothing.');
  expect((await banyan('rollback', 'orders')).all).toContain('In force: legacy answers.');
});

test('the router’s own container shows, and says what to run where it may not write', async () => {
  const router = await project.container('router');
  const status = await run('docker', ['exec', router, 'banyan', 'status'], { mayFail: true });
  expect([status.code, status.out]).toEqual([0, expect.stringContaining('orders')]);
  const before = await readFile(routesFile(), 'utf8');
  // Anybody may write it, so that the mount alone is in the way, whoever owns the folder.
  await chmod(join(project.folder, 'banyan'), 0o777);
  await chmod(routesFile(), 0o666);
  const set = await run('docker', ['exec', router, 'banyan', 'set', 'orders', 'live'], { mayFail: true });
  expect(set.code).toBe(1);
  expect(set.all).toContain('it is on a read-only file system. Run this where it can be written');
  expect(set.all).toMatch(/\n {4}sed -i -e '.*' \S+routes\.yaml\n/);
  expect(await readFile(routesFile(), 'utf8')).toBe(before);
});

test('a file that is mounted by itself is written over in place, with a warning', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-mounted-'));
  const file = join(folder, 'routes.yaml');
  await writeFile(file, 'legacy: http://l\nfeatures:\n  a: http://a   # it\n', { mode: 0o666 });
  try {
    const mount = ['--volume', `${file}:/etc/banyan/routes.yaml`, '--user', '0:0'];
    const edit = ['rollback', 'a', '--no-wait', '--routes', '/etc/banyan/routes.yaml'];
    const { code, all } = await run('docker', ['run', '--rm', ...mount, project.image, ...edit], {
      mayFail: true,
    });
    expect([code, all]).toEqual([
      0,
      expect.stringContaining('was written over in place, not replaced whole'),
    ]);
    expect(await readFile(file, 'utf8')).toBe(
      'legacy: http://l\nfeatures:\n  a:\n    url: http://a   # it\n    stage: legacy\n',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
