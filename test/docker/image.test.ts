import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { docker, run } from './docker.ts';
import { ask, untilServing } from './shop-client.ts';

/** The image: what is in it, who runs it, how it stops. */
let project: ComposeProject;

beforeAll(async () => {
  project = await openProject('image');
  await project.compose(['up', '--build', '--detach', 'router', 'legacy', 'orders', 'search']);
  await untilServing(project.url);
}, 300_000);
afterAll(() => project.down());

function inRouter(...command: string[]): Promise<{ code: number; all: string }> {
  return project.container('router').then((id) => run('docker', ['exec', id, ...command], { mayFail: true }));
}

test('nobody in it is root, and nothing can be written but the state', async () => {
  for (const service of ['router', 'legacy', 'orders', 'search']) {
    const id = await project.container(service);
    expect([service, await docker('exec', id, 'id', '-u')]).toEqual([service, '1000']);
    const { code, all } = await run('docker', ['exec', id, 'touch', '/home/x'], { mayFail: true });
    expect([service, code]).toEqual([service, 1]);
    expect(all).toMatch(/Read-only file system/);
    const status = await docker('exec', id, 'cat', '/proc/1/status');
    expect(status).toMatch(/CapEff:\t0{16}/);
    expect(status).toMatch(/NoNewPrivs:\t1/);
  }
  expect((await inRouter('ls', '/var/lib/banyan')).all.trim()).not.toBe('');
  expect((await inRouter('cat', '/proc/mounts')).all).toMatch(/ \/etc\/banyan \S+ ro,/);
});

test('it holds what runs, and nothing to develop with', async () => {
  expect((await inRouter('ls', '/app')).all.split('\n').filter(Boolean).sort()).toEqual(
    expect.arrayContaining(['dist', 'is-ready.mjs', 'node_modules', 'package.json']),
  );
  const packages = (await inRouter('ls', '/app/node_modules')).all.split('\n');
  expect(packages).toContain('fastify');
  for (const developing of ['vitest', 'typescript', 'esbuild', '@biomejs', 'fast-check'])
    expect(packages).not.toContain(developing);
  expect((await inRouter('sh', '-c', 'ls -d /app/src /app/test /app/examples')).code).not.toBe(0);
  const sizeKb = Number((await inRouter('du', '-sk', '/app')).all.split('\t')[0]);
  expect(sizeKb).toBeLessThan(40_000);
});

test('Docker sees it healthy by its own check', async () => {
  const health = async (): Promise<string> =>
    docker('inspect', '--format', '{{.State.Health.Status}}', await project.container('router'));
  await eventually(health, (status) => status === 'healthy', { timeoutMs: 20_000, everyMs: 250 });
});

test('the command is there by name, for the file that is mounted', async () => {
  expect((await inRouter('banyan', '--version')).all.trim()).toMatch(/^\d+\.\d+\.\d+/);
  const validated = await inRouter('banyan', 'validate');
  expect(validated).toMatchObject({ code: 0 });
  const explained = await inRouter('banyan', 'explain', 'GET', '/api/orders/7');
  expect(explained.all).toMatch(/orders/);
  expect(explained.code).toBe(0);
});

test('a mounted file is warned of, since it does not follow a rename', async () => {
  const mount = `${project.folder}/routes.yaml:/etc/banyan/routes.yaml:ro`;
  const id = await docker('run', '--detach', '--rm', '--volume', mount, project.image);
  try {
    const logs = await eventually(
      () => run('docker', ['logs', id]).then(({ all }) => all),
      (text) => text.includes('listening'),
      { timeoutMs: 10_000, everyMs: 200 },
    );
    expect(logs).toMatch(/mount/);
  } finally {
    await run('docker', ['rm', '--force', id], { mayFail: true });
  }
});

test('without a routes file it says so and exits with 78', async () => {
  const { code, all } = await run('docker', ['run', '--rm', '--read-only', project.image], { mayFail: true });
  expect(all).toMatch(/routes\.yaml/);
  expect(code).toBe(78);
});

test('docker stop: a download under way is finished, then it exits with 0', async () => {
  const id = await project.container('router');
  const download = ask(`${project.url}/downloads/sales.csv?seconds=3`);
  const answer = await download;
  const reading = answer.text();
  const before = performance.now();
  await docker('stop', '--time', '15', id);
  const tookMs = performance.now() - before;
  const text = await reading;
  expect(text.trim().split('\n')).toHaveLength(6);
  expect(tookMs).toBeGreaterThan(1_500);
  expect(tookMs).toBeLessThan(8_000);
  expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
});

test('with nothing to wait for it stops at once', async () => {
  const id = await project.container('router');
  await docker('start', id);
  await untilServing(project.url);
  const before = performance.now();
  await docker('stop', '--time', '15', id);
  // A drain would take its 8 s; the engine alone takes seconds on a busy machine.
  expect(performance.now() - before).toBeLessThan(7_000);
  expect(await docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('0');
});
