/** What README.md tells people to write and to run, written and run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { allPages, codeBlocksOf, pageAt } from '../support/markdown.ts';
import { startNamed } from '../support/named-backend.ts';
import { runBanyan } from '../support/run-banyan.ts';
import { ROOT } from '../support/source-files.ts';
import { startRouter } from '../support/start-router.ts';

const blocks = codeBlocksOf(pageAt('README.md'));
const yamlBlocks = blocks.filter(({ language }) => language === 'yaml');
const routesBlocks = yamlBlocks.filter(({ text }) => text.startsWith('legacy:'));
const [composeBlock] = yamlBlocks.filter(({ text }) => text.startsWith('services:'));
const outputs = blocks.filter(({ language }) => language === 'text');
const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

const folder = mkdtempSync(path.join(tmpdir(), 'banyan-readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string): string {
  const file = path.join(folder, 'routes.yaml');
  writeFileSync(file, text);
  return file;
}

test('each YAML block is a routes file or a Compose file', () => {
  expect(yamlBlocks).toHaveLength(routesBlocks.length + 1);
  expect(routesBlocks.length).toBeGreaterThanOrEqual(3);
});

test.each(routesBlocks)('the routes file on line $line is valid, without a warning', async ({ text }) => {
  const { code, out } = await runBanyan(['validate', '--strict', written(text)]);
  expect(out).toContain('ok');
  expect(code).toBe(0);
});

test('moving a feature is one word', () => {
  const [before, after] = routesBlocks.slice(-2).map(({ text }) => text);
  expect(before?.replace('stage: legacy', 'stage: live')).toBe(after);
});

test('the mistake is shown as it is printed', async () => {
  const shown = outputs.find(({ text }) => text.includes('did you mean'))?.text ?? '';
  const wrong = (routesBlocks.at(-1)?.text ?? '').replace('prefix:', 'prefx:');
  const { out } = await runBanyan(['validate', 'routes.yaml'], { cwd: path.dirname(written(wrong)) });
  expect(out).toContain(shown);
});

test('the carve-out moves the requests, and the metrics are the ones that are shown', async () => {
  const [before = '', after = ''] = routesBlocks.slice(-2).map(({ text }) => text);
  const [legacy, orders] = [await startNamed('legacy'), await startNamed('orders')];
  const here = (text: string): string =>
    text.replace('http://legacy:8080', legacy.url).replace('http://orders:3000', orders.url);
  const router = await startRouter(here(before));
  const ask = async (): Promise<string | null> =>
    (await fetch(`${router.url}/api/orders/7`)).headers.get('x-answered-by');
  try {
    expect([await ask(), await ask()]).toEqual(['legacy', 'legacy']);
    await router.edit(here(after));
    expect([await ask(), await ask(), await ask()]).toEqual(['orders', 'orders', 'orders']);
    const shown =
      outputs
        .find(({ text }) => text.startsWith('banyan_'))
        ?.text.trim()
        .split('\n') ?? [];
    expect(shown.length).toBeGreaterThan(3);
    expect((await router.metrics()).split('\n')).toEqual(expect.arrayContaining(shown));
  } finally {
    await router.stop('SIGKILL');
    await Promise.all([legacy.stop(), orders.stop()]);
  }
});

/** Each command of a block on its own: `a && b` is two. */
function commandsOf(text: string): string[] {
  return text
    .split(/\n|&&/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

describe('commands', () => {
  const commands = allPages().flatMap((page) =>
    codeBlocksOf(page)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => commandsOf(text)),
  );

  test('npm scripts are there', () => {
    const named = commands.flatMap((command) => /^npm run ([a-z:]+)/.exec(command)?.slice(1) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(scripts.test).toBeDefined();
  });

  test('verbs of banyan are there, with their options', async () => {
    const asked = commands.flatMap((command) => /\bbanyan ([a-z-]+)(.*)$/.exec(command)?.slice(1, 3) ?? []);
    expect(asked.length).toBeGreaterThan(0);
    const verbs = [...new Set(asked.filter((_, i) => i % 2 === 0))];
    const helps = new Map(
      await Promise.all(verbs.map(async (verb) => [verb, await runBanyan([verb, '--help'])] as const)),
    );
    for (let i = 0; i < asked.length; i += 2) {
      const { out = '', code = null } = helps.get(asked[i] as string) ?? {};
      expect(code).toBe(0);
      for (const [option] of (asked[i + 1] ?? '').matchAll(/(?<=\s)--?[a-zA-Z][a-z-]*/g))
        expect(out).toContain(option);
    }
  });

  test('profiles and services of Compose are there', () => {
    const compose = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });
    const services: { profiles?: string[] }[] = Object.values(compose.services);
    const profiles = services.flatMap((service) => service.profiles ?? []);
    const all = commands.join('\n');
    for (const [, profile] of all.matchAll(/docker compose --profile (\w+)/g))
      expect(profiles).toContain(profile);
    for (const [, service = ''] of all.matchAll(/docker compose exec (\w+)/g)) {
      expect(Object.keys(compose.services)).toContain(service);
    }
  });

  test('the two set-up commands are written as CI runs them', () => {
    const { text } = pageAt('README.md');
    expect(text).toContain('```sh\nnpm ci && npm run demo\n```');
    expect(text).toContain('```sh\nnpm ci && npm test\n```');
  });
});

describe('the Compose file for a project of its own', () => {
  const compose = parse(composeBlock?.text ?? '');

  test('publishes the router alone, mounts the folder, and waits longer than the drain', () => {
    const { router, ...others } = compose.services;
    for (const service of Object.values<{ ports?: unknown }>(others)) expect(service.ports).toBeUndefined();
    expect(router.ports).toHaveLength(1);
    expect(router.volumes[0]).toMatch(/^\.\/[a-z]+:\/etc\/banyan:ro$/);
    expect(Number.parseInt(router.stop_grace_period, 10)).toBeGreaterThan(8);
  });

  test('keeps what it must keep on volumes that it declares', () => {
    const named = compose.services.router.volumes.filter((volume: string) => !volume.startsWith('.'));
    expect(named.map((volume: string) => volume.split(':')[0])).toEqual(Object.keys(compose.volumes));
    expect(named[0]).toContain(compose.services.router.environment.STATE_DIR);
  });

  test('is the one of examples/minimal, and so is the routes file, but for their comments', () => {
    const example = (file: string): string => readFileSync(path.join(ROOT, 'examples/minimal', file), 'utf8');
    const text = example('docker-compose.yml');
    expect(composeBlock?.text).toBe(text.slice(text.indexOf('services:')));
    expect(parse(example('banyan/routes.yaml'))).toEqual(parse(routesBlocks[0]?.text ?? ''));
  });
});
