import { expect, it } from 'vitest';
import { freePort } from '../../bench/processes.ts';
import { eventually } from '../support/eventually.ts';
import { startRouter } from '../support/start-router.ts';

it('a router does not start before itself, and says where the file says so', async () => {
  const port = await freePort();
  const routes = `legacy: http://localhost:${port}\n`;
  const started = startRouter(routes, { flags: ['--listen', `127.0.0.1:${port}`] });
  await expect(started).rejects.toThrow(/ended with code 78[\s\S]*1:9[\s\S]*is this router itself/);
});

it('an edit that would lead back to the router changes nothing', async () => {
  const port = await freePort();
  const router = await startRouter('legacy: http://127.0.0.1:1\n', {
    flags: ['--listen', `127.0.0.1:${port}`],
  });
  try {
    await expect(router.edit(`legacy: http://127.0.0.1:${port}\n`)).rejects.toThrow(/is this router itself/);
    await eventually(
      () => router.metric('banyan_config_last_reload_successful'),
      (value) => value === 0,
    );
  } finally {
    await router.stop();
  }
});
