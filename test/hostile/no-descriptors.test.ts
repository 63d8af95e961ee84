import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { nodeUnderTest } from '../support/start-router.ts';
import { TwoBackends } from '../support/two-backends.ts';
import { sleep, until } from '../support/until.ts';

/** Clients that open connections until the router has no file descriptor left. */

const DESCRIPTORS = 250;

it('do not change routing: what cannot be looked at counts as it was', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-'));
  const node = path.join(folder, 'node');
  await writeFile(node, `#!/bin/sh\nulimit -n ${DESCRIPTORS}\nexec '${nodeUnderTest()}' "$@"\n`);
  await chmod(node, 0o755);
  const all = await TwoBackends.start('', { node });
  const clients: RawClient[] = [];
  try {
    const config = async (): Promise<object> =>
      (await fetch(`${all.router.adminUrl}/api/config`)).json() as Promise<object>;
    const before = await config();
    for (let i = 0; i < DESCRIPTORS; i++) clients.push(await RawClient.connect(all.router.port));
    await sleep(1_000);
    for (const client of clients) client.destroy();
    await until(
      () => config().catch(() => null),
      (seen) => seen !== null,
    );
    expect(await config()).toEqual(before);
    expect(all.router.logs().filter((line) => line['level'] === 'error')).toEqual([]);
  } finally {
    for (const client of clients) client.destroy();
    await all.stop();
    await rm(folder, { recursive: true });
  }
});
