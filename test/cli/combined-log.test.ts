import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

it('in the combined format standard output holds requests alone', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-'));
  const routes = path.join(folder, 'routes.yaml');
  await writeFile(
    routes,
    'legacy: http://127.0.0.1:1\ndefault: {}\nroutes:\n  - { match: { prefix: / }, respond: { status: 200, body: ok } }\n',
  );
  const flags = [
    '--routes',
    routes,
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--log-format',
    'combined',
  ];
  const child = spawn(process.execPath, ['dist/cli.js', 'serve', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = text(child.stdout);
  const own: string[] = [];
  let listen: string | undefined;
  child.stderr.on('data', (bytes: Buffer) => own.push(bytes.toString()));
  while (listen === undefined) {
    await once(child.stderr, 'data');
    listen = /"listen":"([^"]+)"/.exec(own.join(''))?.[1];
  }
  expect(await (await fetch(`http://${listen}/a?b=1`, { headers: { 'user-agent': 'test' } })).text()).toBe(
    'ok',
  );
  child.kill('SIGTERM');
  await once(child, 'exit');
  expect(await out).toMatch(/^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\?b=1 HTTP\/1\.1" 200 2 "-" "test"\n$/);
  await rm(folder, { recursive: true });
});
