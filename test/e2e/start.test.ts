import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeUnderTest, startRouter } from '../support/start-router.ts';

/** How a start can end that leads to no router. */

describe('the start', () => {
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  function serve(args: readonly string[]): ChildProcess {
    const cli = path.resolve(import.meta.dirname, '../../dist/cli.js');
    const child = spawn(nodeUnderTest(), [cli, 'serve', '--admin', '127.0.0.1:0', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], LOG_FORMAT: 'json' },
    });
    children.push(child);
    return child;
  }

  async function endOf(child: ChildProcess): Promise<{ code: number | null; text: string }> {
    let text = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (bytes: Buffer) => {
        text += bytes.toString();
      });
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, text };
  }

  it('with a signal in its middle ends with 0', async () => {
    const router = await startRouter('legacy: http://127.0.0.1:9\n');
    const child = serve(['--routes', router.routesFile, '--listen', '127.0.0.1:0']);
    // Its first line says that the table was applied: it does not listen yet.
    await once(child.stdout!, 'data');
    child.kill('SIGTERM');
    expect((await endOf(child)).code).toBe(0);
    await router.stop('SIGKILL');
  });

  it('on a port that is taken ends with 1 and says which', async () => {
    const router = await startRouter('legacy: http://127.0.0.1:9\n');
    const child = serve(['--routes', router.routesFile, '--listen', `127.0.0.1:${router.port}`]);
    const { code, text } = await endOf(child);
    expect(code).toBe(1);
    expect(text).toContain(String(router.port));
    await router.stop('SIGKILL');
  });

  it('without a file ends with 78 and names it', async () => {
    const { code, text } = await endOf(
      serve(['--routes', '/nowhere/routes.yaml', '--listen', '127.0.0.1:0']),
    );
    expect(code).toBe(78);
    expect(text).toContain('/nowhere/routes.yaml');
  });

  it('with a flag that is none ends with 2', async () => {
    expect((await endOf(serve(['--nonsense']))).code).toBe(2);
  });
});
