import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type ComposeProject, openProject } from './compose-project.ts';
import { docker, run } from './docker.ts';
import { ask, sideOf, untilAnsweredBy } from './shop-client.ts';

/** The Compose file for a project of one's own, with the example's monolith as somebody's. */
const SUFFIX = randomBytes(3).toString('hex');
const LEGACY = `banyan-test-monolith-${SUFFIX}`;
const ORDERS = `banyan-test-orders-${SUFFIX}`;
let project: ComposeProject;

beforeAll(async () => {
  project = await openProject('minimal', { subfolder: 'examples/minimal', env: { LEGACY_IMAGE: LEGACY } });
  const repository = `${project.folder}/../..`;
  const shop = `${repository}/examples/shop`;
  await docker('build', '--quiet', '--tag', project.image, repository);
  await docker('build', '--quiet', '--tag', LEGACY, '--file', `${shop}/legacy/Dockerfile`, shop);
  await docker('build', '--quiet', '--tag', ORDERS, '--file', `${shop}/orders/Dockerfile`, shop);
  await project.compose(['up', '--detach']);
}, 300_000);
afterAll(async () => {
  await project.down();
  await run('docker', ['rmi', '--no-prune', LEGACY, ORDERS], { mayFail: true });
});

test('the monolith answers through the router, and has no port of its own', async () => {
  await eventually(
    async () => (await ask(project.url)).status,
    (status) => status === 200,
    { timeoutMs: 20_000, everyMs: 100 },
  );
  expect(await sideOf(`${project.url}/api/orders`)).toBe('legacy');
  expect(await docker('port', await project.container('legacy'))).toBe('');
  expect(await docker('port', await project.container('router'))).toBe(
    `8080/tcp -> 127.0.0.1:${project.port}`,
  );
});

test('the feature of the comments, with the comments taken off: one word moves it, and takes it back', async () => {
  await project.edit('docker-compose.yml', (text) =>
    text.replace(/^ {2}# ( *(orders|image|restart):)/gm, '  $1').replace('your/orders', ORDERS),
  );
  await project.edit('banyan/routes.yaml', (text) => {
    const start = text.indexOf('# features:');
    return text.slice(0, start) + text.slice(start).replace(/^# ?/gm, '');
  });
  await project.compose(['up', '--detach', '--no-recreate']);
  expect(
    (await run('docker', ['exec', await project.container('router'), 'banyan', 'validate', '--strict'])).code,
  ).toBe(0);
  expect(await sideOf(`${project.url}/api/orders`)).toBe('legacy');
  await project.replace('banyan/routes.yaml', (text) => text.replace('stage: legacy', 'stage: live'));
  await untilAnsweredBy(`${project.url}/api/orders`, 'orders', 5_000);
  await project.replace('banyan/routes.yaml', (text) => text.replace('stage: live', 'stage: legacy'));
  await untilAnsweredBy(`${project.url}/api/orders`, 'legacy');
});
